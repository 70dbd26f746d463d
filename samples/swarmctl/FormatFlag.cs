// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Swarm.Samples.Swarmctl;

/// <summary>The flag that asks for JSON.</summary>
internal sealed class FormatFlag
{
    /// <summary>Makes the flag.</summary>
    public FormatFlag()
    {
        Option = new Option<string?>("--format") { Description = "Output format: \"json\", or plain when left out", HelpName = "format" };
        Option.AcceptOnlyFromAmong("json");
    }

    /// <summary>The flag.</summary>
    public Option<string?> Option { get; }

    /// <summary>Whether JSON was asked for.</summary>
    /// <param name="result">What was typed.</param>
    /// <returns>True if so.</returns>
    public bool IsJson(ParseResult result) => result.GetValue(Option) == "json";
}
