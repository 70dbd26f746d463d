// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Swarm.Core;

/// <summary>Ids from the operating system's random generator. Thread-safe.</summary>
public sealed class SystemIdSource : IIdSource
{
    /// <summary>The one instance.</summary>
    public static SystemIdSource Instance { get; } = new();

    /// <inheritdoc/>
    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[SwarmId.RandomBytes];
#pragma warning disable RS0030 // This is the shell that real programs inject; simulations inject SeededIdSource.
        RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
        return SwarmId.Format(bytes);
    }
}
