// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>How a tool ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The lines printed, without empty ones.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The rows of a table: all but its two header lines.</summary>
    public IEnumerable<string[]> Rows => Lines.Skip(2).Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public ToolResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>It failed with exactly one line that says all the given words, and no stack trace.</summary>
    public ToolResult FailedSaying(params string[] words)
    {
        Assert.True(ExitCode != 0, $"should have failed, printed: {Output}");
        string[] lines = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string line = Assert.Single(lines, l => l.StartsWith("Error: ", StringComparison.Ordinal));
        Assert.All(words, w => Assert.Contains(w, line, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        return this;
    }
}
