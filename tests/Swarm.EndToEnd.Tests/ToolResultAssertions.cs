// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>What is expected of a tool that fails.</summary>
internal static class ToolResultAssertions
{
    /// <summary>It failed with exactly one line that says all the given words, and no stack trace.</summary>
    public static void FailedSaying(this ToolResult result, params string[] words)
    {
        Assert.True(result.ExitCode != 0, $"should have failed, printed: {result.Output}");
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string line = Assert.Single(lines, l => l.StartsWith("Error: ", StringComparison.Ordinal));
        Assert.All(words, w => Assert.Contains(w, line, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
