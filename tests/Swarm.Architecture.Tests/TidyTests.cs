// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Swarm.Architecture.Tests;

/// <summary>The code base checks itself: sizes, headers, words, documents.</summary>
public sealed partial class TidyTests
{
    private const int LineMax = 160;
    private const int FileMax = 500;

    private static readonly string[] CodeFolders = ["src", "samples", "tests", "benchmarks"];

    [Fact]
    public void SourceFiles_StartWithTheLicence() => AssertNone(
        CSharp().Where(f => !File.ReadLines(f).First().TrimStart('\uFEFF').StartsWith("// SPDX-License-Identifier: Apache-2.0", StringComparison.Ordinal)));

    [Fact]
    public void SourceFiles_AreShort() => AssertNone(
        CSharp().Select(f => (File: f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > FileMax).Select(f => $"{f.File}: {f.Lines} lines"));

    [Fact]
    public void Lines_AreShort() => AssertNone(
        CSharp().SelectMany(f => File.ReadLines(f).Select((line, i) => (Where: $"{f}:{i + 1}", Line: line, line.Length)))
            .Where(l => l.Length > LineMax && !OneLiteral().IsMatch(l.Line))
            .Select(l => $"{l.Where}: {l.Length} characters"));

    [Fact]
    public void Library_HasNothingUnfinished() => AssertNone(
        RepositoryRoot.Files("src", "*.cs").Concat(RepositoryRoot.Files("samples", "*.cs"))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (Where: $"{f}:{i + 1}", line)))
            .Where(l => Unfinished().IsMatch(l.line))
            .Select(l => l.Where));

    [Fact]
    public void Tests_DoNotSleepOrSkip() => AssertNone(
        RepositoryRoot.Files("tests", "*.cs")
            .Where(f => !f.EndsWith(nameof(TidyTests) + ".cs", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (Where: $"{f}:{i + 1}", line)))
            .Where(l => SleepOrSkip().IsMatch(l.line))
            .Select(l => l.Where));

    [Fact]
    public void Documents_HaveOneTitle() => AssertNone(
        Directory.EnumerateFiles(RepositoryRoot.Path, "*.md")
            .Concat(RepositoryRoot.Files("docs", "*.md"))
            .Concat(RepositoryRoot.Files("src", "*.md"))
            .Where(f => Titles(f) != 1));

    [Fact]
    public void Packages_HaveAReadme() => AssertNone(
        Directory.EnumerateDirectories(Path.Combine(RepositoryRoot.Path, "src"))
            .Where(d => !d.EndsWith(".Generators", StringComparison.Ordinal))
            .Where(d => !File.Exists(Path.Combine(d, "README.md")) || File.ReadLines(Path.Combine(d, "README.md")).Count() < 10));

    [Fact]
    public void Scripts_NamedInContributing_Exist()
    {
        string text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));

        AssertNone(Script().Matches(text).Select(m => m.Value).Distinct().Where(s => !File.Exists(Path.Combine(RepositoryRoot.Path, s))));
    }

    [Fact]
    public void Scripts_InEng_AreNamedInContributing()
    {
        string text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));

        AssertNone(RepositoryRoot.Files("eng", "*.sh").Select(RepositoryRoot.Relative).Where(s => !text.Contains(s, StringComparison.Ordinal)));
    }

    [Fact]
    public void Scripts_AreExecutableAndHaveAnInterpreter() => AssertNone(
        Words.TextFiles.Where(f => f.EndsWith(".sh", StringComparison.Ordinal) || f == ".ci/run")
            .Select(f => Path.Combine(RepositoryRoot.Path, f))
            .Where(f => (OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(f) & UnixFileMode.UserExecute) == 0
                || !File.ReadLines(f).First().StartsWith("#!", StringComparison.Ordinal)));

    [Fact]
    public void Files_NameNoMachineAndNoTracker() => AssertNone(
        Words.TextFiles
            .Where(f => !f.EndsWith(nameof(TidyTests) + ".cs", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(Path.Combine(RepositoryRoot.Path, f)).Select((line, i) => (Where: $"{f}:{i + 1}", line)))
            .Where(l => Workplace().IsMatch(l.line))
            .Select(l => l.Where));

    [Fact]
    public void Readmes_LinkToWhatExists() => AssertNone(
        Words.TextFiles.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(f => Link().Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, f)))
                .Select(m => m.Groups[1].Value)
                .Where(l => !l.Contains("://", StringComparison.Ordinal))
                .Where(l => !Path.Exists(Path.Combine(RepositoryRoot.Path, Path.GetDirectoryName(f)!, l)))
                .Select(l => $"{f}: {l}")));

    [Fact]
    public void Packages_ArePackableAndDescribed() => AssertNone(
        RepositoryRoot.Files("src", "*.csproj")
            .Where(f => !f.EndsWith(".Generators.csproj", StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f) is var project
                && (project.Contains("<IsPackable>", StringComparison.Ordinal) || !project.Contains("<Description>", StringComparison.Ordinal))));

    [Fact]
    public void Solution_HoldsEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "Swarm.sln")).Replace('\\', '/');

        AssertNone(CodeFolders.SelectMany(f => RepositoryRoot.Files(f, "*.csproj"))
            .Select(RepositoryRoot.Relative)
            .Where(p => !solution.Contains(p, StringComparison.Ordinal)));
    }

    private static IEnumerable<string> CSharp() => CodeFolders.SelectMany(f => RepositoryRoot.Files(f, "*.cs"));

    private static void AssertNone(IEnumerable<string> found) =>
        Assert.Equal("", string.Join('\n', found.Select(f => Path.IsPathRooted(f) ? RepositoryRoot.Relative(f) : f)));

    private static int Titles(string file)
    {
        int titles = 0;
        bool code = false;
        foreach (string line in File.ReadLines(file))
        {
            code ^= line.StartsWith("```", StringComparison.Ordinal);
            titles += !code && line.StartsWith("# ", StringComparison.Ordinal) ? 1 : 0;
        }

        return titles;
    }

    [GeneratedRegex(@"NotImplementedException|\b(TODO|FIXME|HACK|XXX)\b|NotSupportedException\(\)")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay\((?!.*([Tt]ime\b|clock|Provider))|\bSkip\s*=|Assert\.Skip\(|Assert\.True\(true")]
    private static partial Regex SleepOrSkip();

    [GeneratedRegex(@"/work/|/tmp/tools|\b[Ii]ssue #?[0-9]|\b[Ss]ub-?agent|\b(chat|coding) session\b|[Pp]er the brief|DESIGN\.md")]
    private static partial Regex Workplace();

    // A message for people is not cut in two for the sake of the rule.
    [GeneratedRegex("""^\s*[?:]?\s*(throw new \w+\()?\$?"[^"]*"[^"]*$""")]
    private static partial Regex OneLiteral();

    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"eng/[a-z-]+\.sh")]
    private static partial Regex Script();
}
