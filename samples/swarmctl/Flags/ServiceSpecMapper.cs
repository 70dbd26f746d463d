// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Option = System.CommandLine.Option;
using Condition = Swarm.Api.RestartPolicy.Types.RestartCondition;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>
/// From flags to a service spec. Pure: what needs the cluster (ids of secrets, configs and networks) is left as the name that was
/// typed, for <see cref="ReferenceResolver"/>.
/// </summary>
/// <param name="flags">The flags.</param>
/// <param name="typed">What was typed.</param>
internal sealed class ServiceSpecMapper(ServiceFlags flags, ParseResult typed)
{
    /// <summary>A new spec.</summary>
    /// <returns>The spec.</returns>
    /// <exception cref="Swarm.Core.SwarmException">Flags are missing or exclude each other.</exception>
    public ServiceSpec Create()
    {
        bool process = typed.GetValue(flags.Runtime) == "process";
        bool image = typed.GetValue(flags.Image) is { Length: > 0 };
        Cli.Require(!(process && Typed(flags.Image)), "--image and --runtime process exclude each other");
        Cli.Require(
            typed.GetValue(flags.Name) is { Length: > 0 } && (image || process),
            "--name and --image are mandatory (or --runtime process with --command, in place of --image)");
        Cli.Require(!process || Typed(flags.Command), "--runtime process needs --command");
        var spec = new ServiceSpec { Annotations = new Annotations(), Task = new TaskSpec() };
        SetMode(spec);
        if (process)
        {
            spec.Task.Generic = new GenericRuntimeSpec { Kind = Output.Work.ProcessKind };
        }
        else
        {
            spec.Task.Container = new ContainerSpec();
        }

        Apply(spec);
        return spec;
    }

    /// <summary>Changes a spec by what was typed; what was not typed stays.</summary>
    /// <param name="spec">The spec.</param>
    /// <exception cref="Swarm.Core.SwarmException">Flags do not go together, or not with this service.</exception>
    public void Apply(ServiceSpec spec)
    {
        spec.Annotations ??= new Annotations();
        spec.Task ??= new TaskSpec();
        spec.Annotations.Name = typed.GetValue(flags.Name) ?? spec.Annotations.Name;
        if (Typed(flags.Label))
        {
            SpecFlags.SetLabels(spec.Annotations, typed.GetValue(flags.Label)!);
        }

        Replicas(spec);
        Task(spec.Task);
        if (Typed(flags.Ports))
        {
            SpecFlags.Replace((spec.Endpoint ??= new EndpointSpec()).Ports, typed.GetValue(flags.Ports)!.Select(PortFlag.Read));
        }

        spec.Update = flags.Update.Apply(typed, spec.Update);
        spec.Rollback = flags.Rollback.Apply(typed, spec.Rollback);
    }

    private bool Typed(Option option) => typed.GetResult(option) is { Implicit: false };

    private void SetMode(ServiceSpec spec)
    {
        ulong replicas = typed.GetValue(flags.Replicas) ?? 1;
        switch (typed.GetValue(flags.Mode))
        {
            case "global":
                spec.Global = new GlobalService();
                break;
            case "replicated-job":
                spec.ReplicatedJob = new ReplicatedJob { MaxConcurrent = replicas, TotalCompletions = replicas };
                break;
            case "global-job":
                spec.GlobalJob = new GlobalJob();
                break;
            default:
                spec.Replicated = new ReplicatedService { Replicas = replicas };
                break;
        }
    }

    private void Replicas(ServiceSpec spec)
    {
        if (typed.GetValue(flags.Replicas) is not { } replicas)
        {
            return;
        }

        bool counted = spec.ModeCase is ServiceSpec.ModeOneofCase.Replicated or ServiceSpec.ModeOneofCase.ReplicatedJob;
        Cli.Require(counted, "--replicas can only be specified in --mode replicated or replicated-job");
        if (spec.Replicated is { } service)
        {
            service.Replicas = replicas;
        }
        else
        {
            spec.ReplicatedJob.TotalCompletions = replicas;
        }
    }

    private void Task(TaskSpec spec)
    {
        new WorkMapper(flags, typed).Apply(spec);
        Resources(spec);
        Restart(spec);
        Placement(spec);
        spec.LogDriver = SpecFlags.LogDriver(typed.GetValue(flags.LogDriver), typed.GetValue(flags.LogOpt), spec.LogDriver);
        if (Typed(flags.Network))
        {
            SpecFlags.Replace(spec.Networks, typed.GetValue(flags.Network)!.Select(static n => new NetworkAttachmentConfig { Target = n }));
        }

        if (typed.GetValue(flags.Force))
        {
            spec.ForceUpdate++;
        }
    }

    private void Resources(TaskSpec spec)
    {
        if (typed.GetValue(flags.CpuLimit) is { } cpuLimit)
        {
            Limits(spec).NanoCpus = Parse.NanoCpus(cpuLimit);
        }

        if (typed.GetValue(flags.MemoryLimit) is { } memoryLimit)
        {
            Limits(spec).MemoryBytes = Parse.Bytes(memoryLimit);
        }

        if (typed.GetValue(flags.CpuReservation) is { } cpu)
        {
            Reservations(spec).NanoCpus = Parse.NanoCpus(cpu);
        }

        if (typed.GetValue(flags.MemoryReservation) is { } memory)
        {
            Reservations(spec).MemoryBytes = Parse.Bytes(memory);
        }

        if (typed.GetValue(flags.GenericResources) is { } generic)
        {
            SpecFlags.Replace(Reservations(spec).Generic, generic.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Generic));
        }
    }

    private static Resources Limits(TaskSpec spec) => (spec.Resources ??= new ResourceRequirements()).Limits ??= new Resources();

    private static Resources Reservations(TaskSpec spec) =>
        (spec.Resources ??= new ResourceRequirements()).Reservations ??= new Resources();

    private static GenericResource Generic(string text)
    {
        (string kind, string value) = Parse.Pair(text);
        bool ok = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long count);
        Cli.Require(ok && kind.Length > 0, $"invalid generic resource {text}: give KIND=COUNT");
        return new GenericResource { DiscreteResourceSpec = new DiscreteGenericResource { Kind = kind, Value = count } };
    }

    private void Restart(TaskSpec spec)
    {
        string? condition = typed.GetValue(flags.RestartCondition);
        TimeSpan? delay = typed.GetValue(flags.RestartDelay);
        ulong? attempts = typed.GetValue(flags.RestartMaxAttempts);
        TimeSpan? window = typed.GetValue(flags.RestartWindow);
        if (condition is null && delay is null && attempts is null && window is null)
        {
            return;
        }

        RestartPolicy policy = spec.Restart ??= new RestartPolicy { Condition = Condition.Any };
        policy.Condition = condition switch
        {
            "any" => Condition.Any,
            "on-failure" => Condition.OnFailure,
            "none" => Condition.None,
            _ => policy.Condition,
        };
        policy.Delay = delay is { } between ? Duration.FromTimeSpan(between) : policy.Delay;
        policy.MaxAttempts = attempts ?? policy.MaxAttempts;
        policy.Window = window is { } within ? Duration.FromTimeSpan(within) : policy.Window;
    }

    private void Placement(TaskSpec spec)
    {
        if (Typed(flags.Constraint))
        {
            SpecFlags.Replace((spec.Placement ??= new Placement()).Constraints, typed.GetValue(flags.Constraint)!);
        }

        if (typed.GetValue(flags.ReplicasMaxPerNode) is { } most)
        {
            (spec.Placement ??= new Placement()).MaxReplicas = most;
        }
    }
}
