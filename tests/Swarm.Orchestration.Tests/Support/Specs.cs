// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Orchestration.Tests.Support;

/// <summary>Specs for tests, made anew by each call so that a test may change them before it stores them.</summary>
internal static class Specs
{
    public static ServiceSpec Replicated(string name, ulong replicas, Action<ServiceSpec>? change = null)
    {
        ServiceSpec spec = Plain(name);
        spec.Replicated = new ReplicatedService { Replicas = replicas };
        change?.Invoke(spec);
        return spec;
    }

    public static ServiceSpec Global(string name, Action<ServiceSpec>? change = null)
    {
        ServiceSpec spec = Plain(name);
        spec.Global = new GlobalService();
        change?.Invoke(spec);
        return spec;
    }

    public static ServiceSpec WithImage(this ServiceSpec spec, string image) =>
        spec.WithTask(spec.Task.WithContainer(spec.Task.Container.WithImage(image)));

    public static ServiceSpec WithReplicas(this ServiceSpec spec, ulong replicas) =>
        spec.WithReplicated(new ReplicatedService { Replicas = replicas });

    public static void Restart(
        this ServiceSpec spec, RestartPolicy.Types.RestartCondition condition, double delay = 5, ulong attempts = 0, double window = 0) =>
        spec.Task.Restart = new RestartPolicy
        {
            Condition = condition, Delay = Seconds(delay), MaxAttempts = attempts, Window = Seconds(window),
        };

    public static void Constrain(this ServiceSpec spec, params string[] constraints)
    {
        spec.Task.Placement ??= new Placement();
        spec.Task.Placement.Constraints.AddRange(constraints);
    }

    public static Duration Seconds(double seconds) => Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));

    private static ServiceSpec Plain(string name) => new()
    {
        Annotations = new Annotations { Name = name },
        Task = new TaskSpec { Container = new ContainerSpec { Image = "web:1" } },
    };
}
