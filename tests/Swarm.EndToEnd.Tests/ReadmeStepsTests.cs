// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>The steps that the README gives for trying it by hand, run as they stand there.</summary>
public sealed class ReadmeStepsTests
{
    [Fact]
    public async Task SevenSteps_WithProcesses_EndWithFiveReplicas_AndNothingIsLeft()
    {
        using var shell = new DocumentedShell();

        ToolResult done = (await shell.RunAsync(DocumentedShell.Blocks("README.md", "Seven steps by hand")[0])).Succeeded();

        for (int step = 1; step <= 7; step++)
        {
            Assert.Contains($"# {step}. ", done.Output, StringComparison.Ordinal);
        }

        Assert.Equal(5, done.Lines.Count(l => l.Contains(" web.", StringComparison.Ordinal) && l.Contains(" RUNNING ", StringComparison.Ordinal)));
        Assert.Contains(done.Lines, l => l.Contains(" web ", StringComparison.Ordinal) && l.TrimEnd().EndsWith("5/5", StringComparison.Ordinal));
        Assert.Equal(["bin", "commands.sh"], Directory.GetFileSystemEntries(shell.Directory).Select(Path.GetFileName).Order());
        Assert.Empty(TaskProcess.AllUnder(shell.Directory));
    }
}
