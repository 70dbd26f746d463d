// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>One thing a task may ask for that not every engine has.</summary>
/// <param name="Feature">What it is, as the error names it.</param>
/// <param name="Since">The first API version that has it; older engines would leave it out without a word.</param>
/// <param name="IsUsed">Whether a task asks for it.</param>
internal sealed record VersionGate(string Feature, EngineApiVersion Since, Func<Api.Task, bool> IsUsed);

/// <summary>
/// What older engines lack. Facts from the change log of the Engine API. Not here is what can be said to an older engine in another way
/// (see <see cref="MountPlanner.PutAsBinds"/> and the processor limit).
/// </summary>
internal static class VersionGates
{
    public static IReadOnlyList<VersionGate> All { get; } =
    [
        new("an init process (init)", new(1, 25), static t => Of(t).Init is not null),
        new("labels of a volume", new(1, 25), static t => AnyVolume(t, static o => o.Labels.Count > 0)),
        new("a volume driver of a mount", new(1, 25), static t => AnyVolume(t, static o => o.DriverConfig is not null)),
        new("a start period of the health check", new(1, 29), static t => Of(t).Healthcheck?.StartPeriod is { } d && d.ToTimeSpan() > default(TimeSpan)),
        new("a mount of a named pipe", new(1, 32), static t => Of(t).Mounts.Any(static m => m.Type == MountType.Npipe)),
        new("a published port of protocol SCTP", new(1, 37), static t => HostPorts(t).Any(static p => p.Protocol == PortConfig.Types.Protocol.Sctp)),
        new("a non-recursive bind", new(1, 40), static t => AnyBind(t, static o => o.Nonrecursive)),
        new("a credential spec from a config", new(1, 40), static t =>
            Of(t).Privileges?.CredentialSpec?.SourceCase == Privileges.Types.CredentialSpec.SourceOneofCase.Config),
        new("a bind that makes its source", new(1, 42), static t => AnyBind(t, static o => o.Createmountpoint)),
        new("a start interval of the health check", new(1, 44), static t => Of(t).Healthcheck?.StartInterval is { } d && d.ToTimeSpan() > default(TimeSpan)),
        new("a read-only bind whose inner mounts stay writable", new(1, 44), static t => AnyBind(t, static o => o.Readonlynonrecursive)),
        new("a bind that is read-only throughout", new(1, 44), static t => AnyBind(t, static o => o.Readonlyforcerecursive)),
        new("more than one network", new(1, 44), static t => ContainerNetworks.Of(t).Count() > 1),
        new("a path inside a volume", new(1, 45), static t => AnyVolume(t, static o => o.Subpath.Length > 0)),
        new("options of a mount of memory", new(1, 46), static t =>
            Of(t).Mounts.Any(static m => m.Type == MountType.Tmpfs && m.TmpfsOptions is { Options.Length: > 0 })),
    ];

    /// <summary>Refuses what the engine lacks.</summary>
    /// <exception cref="TaskControllerException">Fatal: names the version needed.</exception>
    public static void Check(Api.Task task, EngineApiVersion engine)
    {
        if (engine < EngineApiVersion.Oldest)
        {
            throw Refusal("a task", EngineApiVersion.Oldest, engine);
        }

        foreach (VersionGate gate in All)
        {
            if (engine < gate.Since && gate.IsUsed(task))
            {
                throw Refusal(gate.Feature, gate.Since, engine);
            }
        }
    }

    private static TaskControllerException Refusal(string feature, EngineApiVersion since, EngineApiVersion engine) =>
        new($"{feature} needs Docker Engine API {since} or newer; the engine of this node is spoken to with {engine}");

    private static ContainerSpec Of(Api.Task task) => task.Spec.Container;

    private static IEnumerable<PortConfig> HostPorts(Api.Task task) =>
        (task.Endpoint?.Ports ?? []).Where(static port => port.PublishMode == PortConfig.Types.PublishMode.Host);

    private static bool AnyBind(Api.Task task, Func<Api.Mount.Types.BindOptions, bool> uses) =>
        Of(task).Mounts.Any(mount => mount.Type == MountType.Bind && mount.BindOptions is { } options && uses(options));

    private static bool AnyVolume(Api.Task task, Func<Api.Mount.Types.VolumeOptions, bool> uses) =>
        Of(task).Mounts.Any(mount => mount.Type == MountType.Volume && mount.VolumeOptions is { } options && uses(options));
}
