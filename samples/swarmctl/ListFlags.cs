// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Swarm.Samples.Swarmctl;

/// <summary>The flags of every ls.</summary>
internal sealed class ListFlags
{
    /// <summary>Ids alone.</summary>
    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Only display IDs" };

    /// <summary>Table or JSON.</summary>
    public FormatFlag Format { get; } = new();

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> Symbols => [Quiet, Format.Option];
}
