// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>The flags of <c>service create</c> and <c>service update</c>.</summary>
internal sealed class ServiceFlags
{
    public Option<string?> Name { get; } = Parse.Text("--name", "Service name", "name");

    public Option<string?> Mode { get; } = OneOf(
        "--mode", "replicated (default), global, replicated-job or global-job", "replicated", "global", "replicated-job", "global-job");

    public Option<string?> Runtime { get; } = OneOf(
        "--runtime", "What runs the tasks: container (default) or process", "container", "process");

    public Option<string?> Image { get; } = Parse.Text("--image", "Container image", "image");

    public Option<string[]> Command { get; } = Parse.List(
        "--command", "Program to run; of a container, in place of its entrypoint", "command");

    public Option<string[]> Args { get; } = Parse.List("--args", "Arguments; repeat it, or separate with commas", "argument");

    public Option<string[]> Env { get; } = Parse.List("--env", "Environment variables", "NAME=VALUE");

    public Option<string?> Dir { get; } = Parse.Text("--dir", "Working directory", "path");

    public Option<string?> User { get; } = Parse.Text("--user", "User to run as, with :GROUP after it as needed", "user");

    public Option<string?> StopSignal { get; } = Parse.Text("--stop-signal", "Signal that asks a task to stop (default SIGTERM)", "signal");

    public Option<TimeSpan?> StopGracePeriod { get; } = Parse.Duration(
        "--stop-grace-period", "How long a task may take to stop before it is killed (default 10s)");

    public Option<string[]> Label { get; } = Parse.List("--label", "Service labels", "key=value");

    public Option<ulong?> Replicas { get; } = Number("--replicas", "Number of replicas of a replicated service (default 1)");

    public Option<ulong?> ReplicasMaxPerNode { get; } = Number("--replicas-max-per-node", "Most replicas on one node (0 for no limit)");

    public Option<string[]> Constraint { get; } = Parse.List(
        "--constraint", "Placement constraints, such as node.role==worker", "expression");

    public Option<string?> CpuLimit { get; } = Parse.Text("--cpu-limit", "CPU cores limit, such as 0.5", "cores");

    public Option<string?> CpuReservation { get; } = Parse.Text("--cpu-reservation", "CPU cores reservation, such as 0.5", "cores");

    public Option<string?> MemoryLimit { get; } = Parse.Text("--memory-limit", "Memory limit, such as 512m", "bytes");

    public Option<string?> MemoryReservation { get; } = Parse.Text("--memory-reservation", "Memory reservation, such as 512m", "bytes");

    public Option<string?> GenericResources { get; } = Parse.Text(
        "--generic-resources", "Generic resources reservation, such as gpu=2,ssd=1", "resources");

    public Option<string?> LogDriver { get; } = Parse.Text("--log-driver", "Log driver of the tasks", "driver");

    public Option<string[]> LogOpt { get; } = Parse.List("--log-opt", "Options of the log driver", "key=value");

    public Option<string[]> Network { get; } = Parse.List("--network", "Networks to attach to", "network");

    public Option<string[]> Ports { get; } = Parse.List(
        "--ports", "Ports: NAME:TARGET[/PROTOCOL][:PUBLISHED], or target=80;published=8080;mode=host", "port");

    public Option<string?> RestartCondition { get; } = OneOf(
        "--restart-condition", "When to restart: any (default), on-failure or none", "any", "on-failure", "none");

    public Option<TimeSpan?> RestartDelay { get; } = Parse.Duration("--restart-delay", "Delay between restarts (default 5s)");

    public Option<ulong?> RestartMaxAttempts { get; } = Number("--restart-max-attempts", "Most restarts (0 for no limit)");

    public Option<TimeSpan?> RestartWindow { get; } = Parse.Duration(
        "--restart-window", "Time window in which restarts are counted (0s for all time)");

    public UpdateFlags Update { get; } = new("update");

    public UpdateFlags Rollback { get; } = new("rollback");

    public Option<string[]> Secret { get; } = Parse.List("--secret", "Secrets: NAME[:TARGET]", "secret");

    public Option<string[]> Config { get; } = Parse.List("--config", "Configs: NAME[:TARGET]", "config");

    public Option<string[]> AddSecret { get; } = Parse.List("--add-secret", "Add secrets: NAME[:TARGET]", "secret");

    public Option<string[]> RemoveSecret { get; } = Parse.List("--rm-secret", "Remove secrets by name", "secret");

    public Option<string[]> AddConfig { get; } = Parse.List("--add-config", "Add configs: NAME[:TARGET]", "config");

    public Option<string[]> RemoveConfig { get; } = Parse.List("--rm-config", "Remove configs by name", "config");

    public Option<string[]> AddCapability { get; } = Parse.List("--add-capability", "Add Linux capabilities", "capability");

    public Option<string[]> RemoveCapability { get; } = Parse.List("--rm-capability", "Drop Linux capabilities", "capability");

    public Option<string?> Hostname { get; } = Parse.Text("--hostname", "Hostname of the containers", "name");

    public Option<bool?> Init { get; } = new(
        "--init") { Description = "Run an init in the containers that forwards signals and reaps processes" };

    public Option<bool?> Tty { get; } = new("--tty", "-t") { Description = "Allocate a terminal" };

    public Option<bool?> OpenStdin { get; } = new("--open-stdin", "-i") { Description = "Keep standard input open" };

    public Option<string[]> Ulimit { get; } = Parse.List("--ulimit", "Limits: NAME=SOFT[:HARD]", "limit");

    public Option<string[]> Bind { get; } = Parse.List("--bind", "Bind mounts: SOURCE:TARGET[:ro]", "mount");

    public Option<string[]> Volume { get; } = Parse.List("--volume", "Volume mounts: NAME:TARGET[:ro]", "mount");

    public Option<string[]> Npipe { get; } = Parse.List("--npipe", "Named pipe mounts: SOURCE:TARGET", "mount");

    public Option<string[]> Tmpfs { get; } = Parse.List("--tmpfs", "Mounts in memory: TARGET[:size=64m;mode=1777;ro]", "mount");

    public Option<bool> Force { get; } = new("--force") { Description = "Replace the tasks even if nothing changed" };

    /// <summary>The flags that mean something to containers only.</summary>
    public IReadOnlyList<Option> ContainerOnly =>
    [
        Hostname, Init, Tty, OpenStdin, Ulimit, Bind, Volume, Npipe, Tmpfs, AddCapability, RemoveCapability,
    ];

    /// <summary>The flags of create.</summary>
    public IEnumerable<Symbol> ForCreate => [Mode, Runtime, Secret, Config, AddCapability, RemoveCapability, .. Common];

    /// <summary>The flags of update.</summary>
    public IEnumerable<Symbol> ForUpdate =>
        [Force, AddSecret, RemoveSecret, AddConfig, RemoveConfig, AddCapability, RemoveCapability, .. Common];

    private IEnumerable<Symbol> Common =>
    [
        Name, Image, Command, Args, Env, Dir, User, StopSignal, StopGracePeriod, Label, Replicas, ReplicasMaxPerNode, Constraint,
        CpuLimit, CpuReservation, MemoryLimit, MemoryReservation, GenericResources, LogDriver, LogOpt, Network, Ports,
        RestartCondition, RestartDelay, RestartMaxAttempts, RestartWindow, .. Update.All, .. Rollback.All,
        Hostname, Init, Tty, OpenStdin, Ulimit, Bind, Volume, Npipe, Tmpfs,
    ];

    private static Option<string?> OneOf(string name, string description, params string[] values)
    {
        Option<string?> option = Parse.Text(name, description, "word");
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private static Option<ulong?> Number(string name, string description) => new(name) { Description = description, HelpName = "number" };
}
