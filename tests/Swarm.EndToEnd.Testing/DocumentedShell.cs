// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;

namespace Swarm.EndToEnd.Testing;

/// <summary>
/// Commands as they stand in a document, run by a shell: in a directory of their own, where the launchers stand in <c>bin</c>, with a free
/// port for the document's, the real join token for its dots, and the waits of a reader who looks before he goes on.
/// </summary>
public sealed partial class DocumentedShell : IDisposable
{
    private const string Prelude = """
        set -u
        trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
        look() { # WHAT COMMAND...
          until "${@:2}" >/dev/null 2>&1; do
            if [ $SECONDS -ge 50 ]; then echo "not in time: $1"; "${@:2}"; bin/swarmctl task ls --all; exit 99; fi
            sleep 0.3
          done
        }
        ready() { [ "$(bin/swarmctl node ls | grep -c ' READY ')" -eq "$1" ]; }
        complete() { bin/swarmctl service ls | awk 'NR > 2 { split($NF, n, "/"); bad = bad || n[1] != n[2] } END { exit bad || NR < 3 }'; }
        """;

    private readonly string _address = $"127.0.0.1:{TestCluster.FreePort()}";

    public DocumentedShell()
    {
        string bin = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "bin")).FullName;
        foreach (string name in (string[])["swarmd", "swarmctl", "WebReplica"])
        {
            string launcher = Path.Combine(bin, name);
            File.WriteAllText(launcher, $"#!/bin/sh\nexec \"{Tool.Path(name)}\" \"$@\"\n");
            File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What stands for /tmp of the document.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("swarm-doc-").FullName;

    /// <summary>The blocks of commands of a chapter.</summary>
    /// <param name="document">The document's path from the root of the repository.</param>
    /// <param name="heading">The chapter's heading.</param>
    public static string[] Blocks(string document, string heading)
    {
        string text = File.ReadAllText(Path.Combine(Tool.Root, document));
        string chapter = Regex.Split(text, "^## ", RegexOptions.Multiline).Single(c => c.StartsWith(heading + "\n", StringComparison.Ordinal));
        return [.. Block().Matches(chapter).Select(m => m.Groups[1].Value)];
    }

    /// <summary>Takes the steps of a list (<c># 1. …</c>) that another list has too from that one.</summary>
    public static string WithSteps(string steps, string others)
    {
        string[] own = Step().Split(steps);
        foreach (string other in Step().Split(others).Where(s => s.Length > 0))
        {
            own[Array.FindIndex(own, s => s.StartsWith(other[..5], StringComparison.Ordinal))] = other.TrimEnd() + "\n\n";
        }

        return string.Concat(own);
    }

    /// <summary>Runs commands; none may fail, nor what is waited for after it.</summary>
    public async Task<ToolResult> RunAsync(string commands, IReadOnlyDictionary<string, string>? env = null)
    {
        var script = new StringBuilder(Prelude).AppendLine();
        int nodes = 0;
        foreach (string line in commands.Split('\n'))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                script.AppendLine($"echo '{line.Replace("'", "", StringComparison.Ordinal)}'");
                continue;
            }

            script.AppendLine(Localised(line));
            bool inBackground = line.EndsWith('&');
            script.AppendLine(line.Length == 0 || inBackground || line.StartsWith("kill", StringComparison.Ordinal) ? "" : "[ $? = 0 ] || exit 98");
            nodes += inBackground ? 1 : 0;
            if (line.StartsWith("export SWARM_SOCKET", StringComparison.Ordinal))
            {
                script.AppendLine("look 'the manager answers' bin/swarmctl cluster inspect default");
                script.AppendLine("TOKEN=$(bin/swarmctl cluster inspect default | awk '$1 == \"Worker:\" { print $2 }')");
            }

            if (nodes > 0 && (inBackground ? nodes > 1 : line.StartsWith("export SWARM_SOCKET", StringComparison.Ordinal)))
            {
                script.AppendLine($"look 'nodes are ready' ready {nodes}");
            }

            if (line.Contains("service create", StringComparison.Ordinal))
            {
                script.AppendLine("look 'all tasks run' complete");
            }
        }

        string file = Path.Combine(Directory, "commands.sh");
        await File.WriteAllTextAsync(file, $"cd '{Directory}'\n{script}");
        return await Tool.RunProgramAsync(90, "bash", env, file);
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private string Localised(string line) => line
        .Replace("/tmp/", Directory + "/", StringComparison.Ordinal)
        .Replace("127.0.0.1:4242", _address, StringComparison.Ordinal)
        .Replace("SWMTKN-1-...", "$TOKEN", StringComparison.Ordinal);

    [GeneratedRegex(@"```sh\n([\s\S]*?)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?=# \d\. )", RegexOptions.Multiline)]
    private static partial Regex Step();
}
