// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>Specs that break no rule, and ways to bend them.</summary>
internal static class Specs
{
    public static ServiceSpec Service(string name = "web") => new()
    {
        Annotations = new Annotations { Name = name },
        Task = new TaskSpec { Container = new ContainerSpec { Image = "nginx" } },
        Replicated = new ReplicatedService { Replicas = 2 },
    };

    public static ServiceSpec Process(Action<ProcessSpec>? bend = null)
    {
        var process = new ProcessSpec { Command = "/bin/sleep", Args = { "100" } };
        bend?.Invoke(process);
        ServiceSpec spec = Service();
        spec.Task = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = "process", Payload = Any.Pack(process) } };
        return spec;
    }

    public static SecretSpec Secret(string name, string data = "data") =>
        new() { Annotations = new Annotations { Name = name }, Data = ByteString.CopyFromUtf8(data) };

    public static ConfigSpec Config(string name, string data = "data") =>
        new() { Annotations = new Annotations { Name = name }, Data = ByteString.CopyFromUtf8(data) };

    /// <summary>Validates a service spec that was bent.</summary>
    public static void Check(Action<ServiceSpec> bend)
    {
        ServiceSpec spec = Service();
        bend(spec);
        ServiceSpecValidator.Validate(spec);
    }

    /// <summary>Validates a service spec whose container was bent.</summary>
    public static void CheckContainer(Action<ContainerSpec> bend) => Check(s => bend(s.Task.Container));

    /// <summary>Validates the spec of a process that was bent.</summary>
    public static void CheckProcess(Action<ProcessSpec> bend) => ServiceSpecValidator.Validate(Process(bend));

    public static Duration Seconds(long seconds) => new() { Seconds = seconds };
}
