// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using System.Globalization;
using Docker.DotNet.Models;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime.Docker.Secrets;
using ContainerSpec = Swarm.Api.ContainerSpec;
using EngineMount = Docker.DotNet.Models.Mount;
using GenericResource = Swarm.Api.GenericResource;
using PortConfig = Swarm.Api.PortConfig;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>Turns a task into what an engine is asked for. Pure: the same task and context give the same plan.</summary>
internal static partial class ContainerPlanner
{
    private static readonly TimeSpan DefaultStopGrace = TimeSpan.FromSeconds(10);

    // Since which mounts are said as such, and processors in billionths; before, both are said in another way.
    private static readonly EngineApiVersion Mounts = new(1, 25);

    /// <summary>Plans the container of a task.</summary>
    /// <exception cref="TaskControllerException">Fatal: the task cannot be run as it is specified, or not on this engine. Temporary: a
    /// secret or config has not arrived yet.</exception>
    public static ContainerPlan Plan(Api.Task task, ContainerPlanContext context)
    {
        ContainerSpec spec = task.Spec?.Container ?? throw new TaskControllerException("the task is no container");
        ImageReference image = ImageReference.Parse(spec.Image);
        VersionGates.Check(task, context.EngineApiVersion);
        var template = new TaskTemplate(context, task);
        var create = new CreateContainerParameters
        {
            Name = TaskNaming.Name(task),
            Image = image.Familiar,
            Labels = ContainerLabels.Of(task, spec, context.NodeId),
            Env = Environment(task, spec, template),
            Hostname = NullIfEmpty(template.Expand(spec.Hostname, "the host name")),
            WorkingDir = NullIfEmpty(spec.Dir),
            User = NullIfEmpty(spec.User),
            Entrypoint = spec.Command.Count > 0 ? [.. spec.Command] : null,
            Cmd = spec.Args.Count > 0 ? [.. spec.Args] : null,
            Tty = spec.Tty,
            OpenStdin = spec.OpenStdin,
            StopSignal = NullIfEmpty(spec.StopSignal),
            StopTimeout = context.EngineApiVersion >= Mounts ? StopTimeout(spec) : null,
            Healthcheck = Health(spec.Healthcheck),
            HostConfig = Host(task, spec, context),
        };
        PutPorts(task, create);
        ContainerNetworks.Put(task, create);
        IReadOnlyList<DependencyFile> files = DependencyPlanner.Plan(task, spec, context);
        PutMounts(spec, files, template, context.EngineApiVersion, create);
        PutResources(task.Spec.Resources, context.EngineApiVersion, create.HostConfig);
        return new ContainerPlan(
            create.Name,
            create,
            image,
            spec.Healthcheck is { Test: [not "NONE", ..] },
            StopGrace(spec) ?? DefaultStopGrace,
            NullIfEmpty(spec.PullOptions?.RegistryAuth ?? ""),
            files);
    }

    /// <summary>How long a container may take to stop, if its specification says so.</summary>
    public static TimeSpan? StopGrace(ContainerSpec? spec) =>
        spec?.StopGracePeriod is { } grace ? Duration(grace, "the stop grace period") : null;

    // For whoever stops the container without knowing the task: somebody at the engine, or a node that has lost the task.
    private static TimeSpan? StopTimeout(ContainerSpec spec) =>
        StopGrace(spec) is { } grace
            ? TimeSpan.FromSeconds(Math.Ceiling(Math.Min(grace.TotalSeconds, DockerServices.GraceMax.TotalSeconds)))
            : null;

    private static HostConfig Host(Api.Task task, ContainerSpec spec, ContainerPlanContext context)
    {
        var host = new HostConfig
        {
            ReadonlyRootfs = spec.ReadOnly,
            GroupAdd = OrNull(spec.Groups),
            Init = spec.Init,
            Isolation = spec.Isolation switch
            {
                ContainerSpec.Types.Isolation.Process => "process",
                ContainerSpec.Types.Isolation.Hyperv => "hyperv",
                _ => null,
            },
            Sysctls = spec.Sysctls.Count > 0 ? new SortedDictionary<string, string>(spec.Sysctls, StringComparer.Ordinal) : null,
            CapAdd = OrNull(spec.CapabilityAdd),
            CapDrop = OrNull(spec.CapabilityDrop),
            OomScoreAdj = spec.OomScoreAdj,
            PidsLimit = spec.PidsLimit > 0 ? spec.PidsLimit : null,
            Ulimits = spec.Ulimits.Count == 0 ? null
                : [.. spec.Ulimits.Select(static limit => new Ulimit { Name = limit.Name, Soft = limit.Soft, Hard = limit.Hard })],
            ExtraHosts = ExtraHosts(spec),
            DNS = OrNull(spec.DnsConfig?.Nameservers),
            DNSSearch = OrNull(spec.DnsConfig?.Search),
            DNSOptions = OrNull(spec.DnsConfig?.Options),
            SecurityOpt = spec.Privileges is { } privileges ? OrNull(SecurityOptions.Of(privileges, context.Dependencies)) : null,
        };
        if ((task.LogDriver ?? task.Spec.LogDriver) is { Name.Length: > 0 } driver)
        {
            host.LogConfig = new LogConfig
            {
                Type = driver.Name, Config = new SortedDictionary<string, string>(driver.Options, StringComparer.Ordinal),
            };
        }

        return host;
    }

    // The file's form is ADDRESS NAME ALIAS…, the engine's is NAME:ADDRESS, one for each name.
    private static List<string>? ExtraHosts(ContainerSpec spec) =>
        OrNull(spec.Hosts.SelectMany(static line =>
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return words.Skip(1).Select(name => $"{name}:{words[0]}");
        }));

    private static List<string>? Environment(Api.Task task, ContainerSpec spec, TaskTemplate template)
    {
        List<string> variables = [];
        foreach (string variable in spec.Env)
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            variables.Add(equals < 0
                ? variable
                : variable[..(equals + 1)] + template.Expand(variable[(equals + 1)..], $"environment variable {variable[..equals]}"));
        }

        variables.AddRange(task.AssignedGenericResources
            .Select(static resource => resource.ResourceCase == GenericResource.ResourceOneofCase.NamedResourceSpec
                ? (resource.NamedResourceSpec.Kind, resource.NamedResourceSpec.Value)
                : (resource.DiscreteResourceSpec?.Kind ?? "",
                    (resource.DiscreteResourceSpec?.Value ?? 0).ToString(CultureInfo.InvariantCulture)))
            .GroupBy(static resource => resource.Item1, static resource => resource.Item2, StringComparer.Ordinal)
            .OrderBy(static kind => kind.Key, StringComparer.Ordinal)
            .Select(static kind => $"DOCKER_RESOURCE_{kind.Key.ToUpperInvariant()}={string.Join(',', kind)}"));
        return OrNull(variables);
    }

    private static HealthcheckConfig? Health(HealthConfig? health)
    {
        if (health is null)
        {
            return null;
        }

        if (health.Retries < 0)
        {
            throw new TaskControllerException($"the health check cannot have {health.Retries} retries");
        }

        return new HealthcheckConfig
        {
            Test = OrNull(health.Test),
            Interval = Optional(health.Interval, "the interval of the health check"),
            Timeout = Optional(health.Timeout, "the timeout of the health check"),
            StartPeriod = Optional(health.StartPeriod, "the start period of the health check"),
            StartInterval = Optional(health.StartInterval, "the start interval of the health check"),
            Retries = health.Retries > 0 ? health.Retries : null,
        };
    }

    private static void PutPorts(Api.Task task, CreateContainerParameters create)
    {
        foreach (PortConfig port in task.Endpoint?.Ports ?? [])
        {
            if (port.PublishMode != PortConfig.Types.PublishMode.Host)
            {
                continue;
            }

            if (port.TargetPort is 0 or > ushort.MaxValue || port.PublishedPort > ushort.MaxValue)
            {
                throw new TaskControllerException($"port {port.PublishedPort}:{port.TargetPort} is not between 1 and {ushort.MaxValue}");
            }

            string key = string.Create(CultureInfo.InvariantCulture, $"{port.TargetPort}/{port.Protocol.ToString().ToLowerInvariant()}");
            (create.ExposedPorts ??= new SortedDictionary<string, EmptyStruct>(StringComparer.Ordinal))[key] = new EmptyStruct();
            create.HostConfig.PortBindings ??= new SortedDictionary<string, IList<PortBinding>>(StringComparer.Ordinal);
            if (!create.HostConfig.PortBindings.TryGetValue(key, out IList<PortBinding>? bindings))
            {
                create.HostConfig.PortBindings[key] = bindings = [];
            }

            bindings.Add(new PortBinding
            {
                HostPort = port.PublishedPort == 0 ? "" : port.PublishedPort.ToString(CultureInfo.InvariantCulture),
            });
        }
    }

    private static void PutMounts(
        ContainerSpec spec, IReadOnlyList<DependencyFile> files, TaskTemplate template, EngineApiVersion engine, CreateContainerParameters create)
    {
        List<EngineMount> mounts =
        [
            .. spec.Mounts.Select(mount => MountPlanner.Plan(mount, template)),
            .. files.Select(static file =>
                new EngineMount { Type = "bind", Source = file.HostPath, Target = file.Target, ReadOnly = true }),
        ];
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (EngineMount mount in mounts)
        {
            if (!targets.Add(mount.Target.Length > 1 ? mount.Target.TrimEnd('/') : mount.Target))
            {
                throw new TaskControllerException($"two mounts, secrets or configs have the target '{mount.Target}'");
            }
        }

        if (mounts.Count == 0)
        {
            return;
        }

        if (engine >= Mounts)
        {
            create.HostConfig.Mounts = mounts;
        }
        else
        {
            MountPlanner.PutAsBinds(mounts, create);
        }
    }

    private static List<string>? OrNull(IEnumerable<string>? values) => values?.ToList() is { Count: > 0 } list ? list : null;

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    private static TimeSpan? Optional(Duration? duration, string what) =>
        duration is null ? null : Duration(duration, what) is { Ticks: > 0 } span ? span : null;

    private static TimeSpan Duration(Duration duration, string what)
    {
        try
        {
            return duration.ToTimeSpan() is { Ticks: >= 0 } span ? span : throw new TaskControllerException($"{what} is negative");
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            throw new TaskControllerException($"{what} is no duration", e);
        }
    }
}
