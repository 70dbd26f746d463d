// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Runtime.Process;

/// <summary>The cgroup (version 2) of one task: holds every process of the task, whatever it does, and its limits.</summary>
internal sealed class TaskCgroup(string path)
{
    // The kernel's default period of cpu.max, in microseconds, and the least quota it takes.
    private const long CpuPeriod = 100_000;
    private const long CpuQuotaLeast = 1_000;

    /// <summary>
    /// Finds, or makes, the directory that holds the cgroups of tasks; null where there is no cgroup v2 that can be written.
    /// </summary>
    /// <exception cref="ArgumentException">A directory was given, and cannot be used.</exception>
    public static string? FindBase(ProcessExecutorOptions options)
    {
        if (options.CgroupDirectory is "")
        {
            return null;
        }

        string hierarchy = LibC.FileSystemType("/sys/fs/cgroup") == LibC.Cgroup2Magic ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
        string directory = options.CgroupDirectory ?? Path.Combine(hierarchy, "swarm");
        try
        {
            if (LibC.FileSystemType(Path.GetDirectoryName(directory)!) == LibC.Cgroup2Magic)
            {
                Directory.CreateDirectory(directory);
                return directory;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not ours to write: told below if it was asked for, and done without if not.
        }

        return options.CgroupDirectory is null ? null : throw new ArgumentException(
            $"{nameof(ProcessExecutorOptions)}.{nameof(options.CgroupDirectory)} {directory} is not in a writable cgroup v2 hierarchy.");
    }

    /// <summary>Refuses limits this node cannot keep.</summary>
    /// <exception cref="TaskControllerException">Says which, and what is missing.</exception>
    public static void CheckLimits(string? baseDirectory, ProcessPlan plan)
    {
        Check(plan.MemoryLimit > 0, "memory");
        Check(plan.NanoCpuLimit > 0, "cpu");

        void Check(bool wanted, string controller)
        {
            if (wanted && (baseDirectory is null || !Enable(baseDirectory, controller)))
            {
                throw new TaskControllerException(
                    $"a {controller} limit cannot be kept on this node: it has no writable cgroup v2 with the {controller} controller");
            }
        }
    }

    /// <summary>Makes the cgroup, with its limits, and puts a process into it.</summary>
    public void Create(ProcessPlan plan, int pid)
    {
        Directory.CreateDirectory(path);
        if (plan.MemoryLimit > 0)
        {
            Write("memory.max", plan.MemoryLimit.ToString(CultureInfo.InvariantCulture));
        }

        if (plan.NanoCpuLimit > 0)
        {
            long quota = Math.Max(CpuQuotaLeast, (long)(plan.NanoCpuLimit / 1e9 * CpuPeriod));
            Write("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {CpuPeriod}"));
        }

        Write("cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The processes in the cgroup; null when there is no such cgroup.</summary>
    public IReadOnlyList<int>? Members()
    {
        try
        {
            string[] lines = File.ReadAllLines(Path.Combine(path, "cgroup.procs"));
            return [.. lines.Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes the cgroup; false while it still holds something.</summary>
    public bool TryRemove()
    {
        try
        {
            Directory.Delete(path);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Enable(string baseDirectory, string controller)
    {
        try
        {
            foreach (string directory in new[] { Path.GetDirectoryName(baseDirectory)!, baseDirectory })
            {
                if (!File.ReadAllText(Path.Combine(directory, "cgroup.controllers")).Split(' ', '\n').Contains(controller))
                {
                    return false;
                }

                File.WriteAllText(Path.Combine(directory, "cgroup.subtree_control"), $"+{controller}");
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(path, file), text);
}
