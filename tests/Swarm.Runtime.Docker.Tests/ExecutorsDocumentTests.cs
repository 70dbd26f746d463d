// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Tests;

/// <summary>What docs/executors.md lists is what there is.</summary>
public sealed partial class ExecutorsDocumentTests
{
    private static readonly string Text = ReadDocument();

    [Fact]
    public void Versions_AreThoseThatAreChecked() => Assert.Equal(
        VersionGates.All.Select(g => $"{g.Feature} {g.Since}"),
        VersionRow().Matches(Text).Select(m => $"{m.Groups["what"].Value} {m.Groups["version"].Value}"));

    [Theory]
    [InlineData(typeof(DockerExecutorOptions))]
    [InlineData(typeof(InProcessExecutorOptions))]
    public void Options_AreAllThere(Type options) => Assert.All(
        options.GetProperties(), p => Assert.Contains($"`{p.Name}`", Text, StringComparison.Ordinal));

    private static string ReadDocument()
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "Swarm.sln")))
        {
            at = Path.GetDirectoryName(at);
        }

        return File.ReadAllText(Path.Combine(at!, "docs", "executors.md"));
    }

    [GeneratedRegex(@"^\| (?<what>[^|]+) \| (?<version>1\.\d+) \|$", RegexOptions.Multiline)]
    private static partial Regex VersionRow();
}
