// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Client.Tests;

/// <summary>What a command line did.</summary>
internal sealed record CtlResult(int Exit, string Output, string Error)
{
    public CtlResult Succeeded()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, Exit);
        return this;
    }

    /// <summary>One line of error that says something, nothing on standard output, and the exit code of failure.</summary>
    public void FailedSaying(string text)
    {
        Assert.Equal(1, Exit);
        Assert.Equal("", Output);
        Assert.StartsWith("Error: ", Error, StringComparison.Ordinal);
        Assert.Contains(text, Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }
}
