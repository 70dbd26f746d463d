// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>What docs/executors.md shows and no engine is needed for; the rest is run where there is one.</summary>
public sealed class ExecutorsDocumentTests
{
    private const string Document = "docs/executors.md";

    [Fact]
    public async Task OwnExecutor_RunAgainstTheKit_PassesEachRule()
    {
        string printed = await DocumentedCode.RunAsync(Document, "ExecutorConformance");

        string[] lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 50, printed);
        Assert.Contains(lines, l => l.StartsWith("Crash_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RegistryCredentials_AreJsonInBase64() => Assert.Equal(
        """{"username":"me","password":"secret","serveraddress":"registry.example"}""",
        (await DocumentedCode.RunAsync(Document, "RegistryAuth")).Trim());
}
