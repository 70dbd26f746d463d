// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Swarm.Architecture.Tests;

/// <summary>The text files that are part of the project, as git knows them.</summary>
internal static class Words
{
    private static readonly string[] TextEndings =
        [".cs", ".md", ".sh", ".txt", ".props", ".targets", ".csproj", ".proto", ".json", ".editorconfig", "/run"];

    /// <summary>Paths from the root of the checkout, in order.</summary>
    public static IReadOnlyList<string> TextFiles { get; } = Find();

    private static string[] Find()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string listed = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(f => Array.Exists(TextEndings, e => f.EndsWith(e, StringComparison.Ordinal)))
            .Where(f => File.Exists(Path.Combine(RepositoryRoot.Path, f)))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
    }
}
