// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>Settings of <see cref="ProcessExecutor"/>.</summary>
public sealed class ProcessExecutorOptions
{
    /// <summary>
    /// Directory that holds the executor's state, one directory per task. Mandatory; absolute; made if missing. One executor at a time.
    /// </summary>
    public string StateDirectory { get; set; } = "";

    /// <summary>
    /// Where secrets and configs of tasks are put. Null (the default): a memory file system if one is found (/run, /dev/shm), else the
    /// task's own directory.
    /// </summary>
    public string? SecretsDirectory { get; set; }

    /// <summary>Directories to look commands up in, separated by colons: PATH of this process by default. Tasks get it as PATH.</summary>
    public string SearchPath { get; set; } =
        Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path
            : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Variables of this process that tasks get too, if set: LANG, LC_ALL, TZ, TMPDIR and DOTNET_ROOT by default. Nothing else is passed
    /// on.
    /// </summary>
    public IList<string> PassedVariables { get; } = ["LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT"];

    /// <summary>How long a stopping process may take unless its specification says otherwise: 10 s by default, at least zero.</summary>
    public TimeSpan StopGracePeriod { get; set; } = Core.SwarmDefaults.StopGracePeriod;

    /// <summary>
    /// How long killed processes may take to vanish before the executor says that they do not: 10 s by default, 1 s to 10 min.
    /// </summary>
    public TimeSpan KillTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of output kept per task: 10 MiB by default, 64 KiB to 1 GiB.</summary>
    public long LogBytesMax { get; set; } = 10 * 1024 * 1024;

    /// <summary>Bytes of one line of output; longer lines are cut into several: 16 KiB by default, 64 to 1 MiB.</summary>
    public int LogLineBytesMax { get; set; } = 16 * 1024;

    /// <summary>How often output and port files of running tasks are looked at: 100 ms by default, 10 ms to 10 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Ports one task may report: 64 by default, 1 to 1,000.</summary>
    public int PortsMax { get; set; } = 64;

    /// <summary>
    /// Directory in a cgroup v2 hierarchy under which each task gets a cgroup. Null (the default): <c>swarm</c> at the root of the
    /// hierarchy if that can be made. Empty: no cgroups. Without them tasks cannot have limits, and a child that leaves its session and
    /// clears its environment outlives its task.
    /// </summary>
    public string? CgroupDirectory { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is missing or out of its range; the message names it.</exception>
    public void Validate()
    {
        Check(StateDirectory.Length > 0, nameof(StateDirectory), "must be given");
        CheckPath(StateDirectory, nameof(StateDirectory));
        CheckPath(SecretsDirectory, nameof(SecretsDirectory));
        CheckPath(CgroupDirectory is "" ? null : CgroupDirectory, nameof(CgroupDirectory));
        Check(StopGracePeriod >= TimeSpan.Zero, nameof(StopGracePeriod), "must not be negative");
        Check(KillTimeout.TotalSeconds is >= 1 and <= 600, nameof(KillTimeout), "must be from 1 s to 10 min");
        Check(LogBytesMax is >= 64 * 1024 and <= 1024 * 1024 * 1024, nameof(LogBytesMax), "must be from 65536 to 1073741824");
        Check(LogLineBytesMax is >= 64 and <= 1024 * 1024, nameof(LogLineBytesMax), "must be from 64 to 1048576");
        Check(PollInterval.TotalMilliseconds is >= 10 and <= 10_000, nameof(PollInterval), "must be from 10 ms to 10 s");
        Check(PortsMax is >= 1 and <= 1000, nameof(PortsMax), "must be from 1 to 1000");
    }

    private static void CheckPath(string? path, string name) =>
        Check(path is null || Path.IsPathFullyQualified(path), name, "must be an absolute path");

    private static void Check(bool fine, string name, string rule)
    {
        if (!fine)
        {
            throw new ArgumentException($"{nameof(ProcessExecutorOptions)}.{name} {rule}.");
        }
    }
}
