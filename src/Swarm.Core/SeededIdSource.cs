// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>Ids from a seeded stream: the same stream gives the same ids. Not thread-safe.</summary>
/// <param name="random">The stream; the source shares it with its owner.</param>
public sealed class SeededIdSource(SeededRandom random) : IIdSource
{
    /// <inheritdoc/>
    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[SwarmId.RandomBytes];
        random.NextBytes(bytes);
        return SwarmId.Format(bytes);
    }
}
