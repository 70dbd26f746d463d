// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Testing;

/// <summary>How a tool ended.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The lines printed, without empty ones.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The rows of a table: all but its two header lines.</summary>
    public IEnumerable<string[]> Rows => Lines.Skip(2).Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>This result, of which more may be asked.</summary>
    /// <exception cref="InvalidOperationException">The tool failed.</exception>
    public ToolResult Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"exit code {ExitCode}\n{Output}\n{Error}");
}
