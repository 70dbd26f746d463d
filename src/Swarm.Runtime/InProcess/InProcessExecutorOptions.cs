// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>Settings of <see cref="InProcessExecutor"/>.</summary>
public sealed class InProcessExecutorOptions
{
    /// <summary>How long work that was asked to stop may take: 10 s by default, at least zero.</summary>
    public TimeSpan StopGracePeriod { get; set; } = Core.SwarmDefaults.StopGracePeriod;

    /// <summary>Lines of output kept per task: 1,000 by default, 1 to 1,000,000.</summary>
    public int LogLinesMax { get; set; } = 1000;

    /// <summary>Bytes of one line of output; longer lines are cut into several: 16 KiB by default, 16 to 1,048,576.</summary>
    public int LogLineBytesMax { get; set; } = 16 * 1024;

    /// <summary>Ports one task may report: 64 by default, 1 to 1,000.</summary>
    public int PortsMax { get; set; } = 64;

    /// <summary>Processor capacity the node reports, in billionths of a core: 0 (the default) reports none.</summary>
    public long NanoCpus { get; set; }

    /// <summary>Memory the node reports, in bytes: 0 (the default) reports none.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>
    /// The services of the host program: each task gets a scope of them for as long as it runs. Null (the default): tasks have none.
    /// </summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>
    /// Path of the section, in the configuration of the host program, below which each work has a section of its name: <c>Swarm:Work</c> by
    /// default, not empty.
    /// </summary>
    public string ConfigurationSection { get; set; } = "Swarm:Work";

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check(StopGracePeriod >= TimeSpan.Zero, nameof(StopGracePeriod), "must not be negative");
        Check(!string.IsNullOrWhiteSpace(ConfigurationSection), nameof(ConfigurationSection), "must not be empty");
        Check(LogLinesMax is >= 1 and <= 1_000_000, nameof(LogLinesMax), "must be from 1 to 1000000");
        Check(LogLineBytesMax is >= 16 and <= 1_048_576, nameof(LogLineBytesMax), "must be from 16 to 1048576");
        Check(PortsMax is >= 1 and <= 1000, nameof(PortsMax), "must be from 1 to 1000");
        Check(NanoCpus >= 0, nameof(NanoCpus), "must not be negative");
        Check(MemoryBytes >= 0, nameof(MemoryBytes), "must not be negative");
    }

    private static void Check(bool fine, string name, string rule)
    {
        if (!fine)
        {
            throw new ArgumentException($"{nameof(InProcessExecutorOptions)}.{name} {rule}.");
        }
    }
}
