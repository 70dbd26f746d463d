// SPDX-License-Identifier: Apache-2.0
using Swarm.EndToEnd.Testing;

namespace Swarm.Architecture.Tests;

/// <summary>The C# in the READMEs and documents compiles as it stands there.</summary>
public sealed class ReadmeTests
{
    public static TheoryData<string> Readmes =>
        [.. Words.TextFiles.Where(f => f.EndsWith(".md", StringComparison.Ordinal)).Where(DocumentedCode.IsIn)];

    [Fact]
    public void Readme_OfEveryPackage_HasASample() => Assert.Empty(
        RepositoryRoot.Files("src", "*.csproj")
            .Where(f => !f.EndsWith(".Generators.csproj", StringComparison.Ordinal))
            .Select(f => RepositoryRoot.Relative(Path.Combine(Path.GetDirectoryName(f)!, "README.md")))
            .Except(Readmes.Select(r => r.Data)));

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Readme_Sample_Compiles(string readme) => Assert.Equal("", DocumentedCode.Problems(readme));
}
