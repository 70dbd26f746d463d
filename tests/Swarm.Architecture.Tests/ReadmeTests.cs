// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Swarm.Architecture.Tests;

/// <summary>
/// The C# in the READMEs compiles as it stands there, in a new program with implicit usings, against the assemblies that were built.
/// What a sample takes as given stands in a comment in front of it: <c>&lt;!-- given: ... --&gt;</c>, a class body.
/// </summary>
public sealed partial class ReadmeTests
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))]);

    public static TheoryData<string> Readmes =>
        [.. Words.TextFiles.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
            .Where(f => Block().IsMatch(File.ReadAllText(Path.Combine(RepositoryRoot.Path, f))))];

    [Fact]
    public void Readme_OfEveryPackage_HasASample() => Assert.Empty(
        RepositoryRoot.Files("src", "*.csproj")
            .Where(f => !f.EndsWith(".Generators.csproj", StringComparison.Ordinal))
            .Select(f => RepositoryRoot.Relative(Path.Combine(Path.GetDirectoryName(f)!, "README.md")))
            .Except(Readmes.Select(r => r.Data)));

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Readme_Sample_Compiles(string readme)
    {
        string text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, readme));
        foreach (Match block in Block().Matches(text))
        {
            string source = Program(block.Groups["given"].Value, block.Groups["code"].Value);
            CSharpCompilation compilation = CSharpCompilation.Create(
                "Sample",
                [Parse(ImplicitUsings), Parse(source)],
                References.Value,
                new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
            using var image = new MemoryStream();

            IEnumerable<string> problems = compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Diagnostics
                .Where(d => d.Severity == DiagnosticSeverity.Error)
                .Select(d => d.ToString());

            Assert.Equal("", string.Join('\n', problems));
        }
    }

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest));

    // The usings of a sample stay in front; its statements become a method that sees what is given.
    private static string Program(string given, string code)
    {
        string[] lines = code.Split('\n');
        int body = Array.FindLastIndex(lines, l => Using().IsMatch(l)) + 1;
        var source = new StringBuilder();
        source.AppendJoin('\n', lines[..body]).AppendLine();
        source.AppendLine("internal static class Program\n{").AppendLine(given);
        source.AppendLine("private static async System.Threading.Tasks.Task Main(string[] args)\n{").AppendLine(
            "await System.Threading.Tasks.Task.CompletedTask;");
        source.AppendJoin('\n', lines[body..]).AppendLine("}\n}");
        return source.ToString();
    }

    [GeneratedRegex(@"(<!-- given:(?<given>(?:(?!-->)[\s\S])*)-->\s*)?```csharp\r?\n(?<code>[\s\S]*?)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"^using [\w.= ]+;\s*$")]
    private static partial Regex Using();
}
