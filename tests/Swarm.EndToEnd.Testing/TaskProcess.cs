// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Testing;

/// <summary>A process "sleep" that a task runs, found by what its environment says: the truth beside what the manager believes.</summary>
public sealed record TaskProcess(int Pid, string TaskId, string TaskDirectory)
{
    /// <summary>All that belong to nodes whose state is below a directory.</summary>
    public static List<TaskProcess> AllUnder(string directory)
    {
        var found = new List<TaskProcess>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid))
            {
                continue;
            }

            try
            {
                if (File.ReadAllText($"{folder}/comm").Trim() != "sleep")
                {
                    continue;
                }

                string[] environment = File.ReadAllText($"{folder}/environ").Split('\0');
                if (Value(environment, "SWARM_TASK_DIR") is { } task && task.StartsWith(directory + "/", StringComparison.Ordinal))
                {
                    found.Add(new TaskProcess(pid, Value(environment, "SWARM_TASK_ID") ?? "", task));
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
            catch (UnauthorizedAccessException)
            {
                // It is none of ours, or ended while we looked.
            }
        }

        return found;
    }

    private static string? Value(IEnumerable<string> environment, string name) =>
        environment.FirstOrDefault(e => e.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
