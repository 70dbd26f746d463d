// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of task specs.</summary>
public sealed class TaskSpecRuleTests
{
    [Fact]
    public void RuntimePresent_Accepted() =>
        Specs.Check(static s => s.Task = new TaskSpec { Container = new ContainerSpec { Image = "nginx" } });

    [Fact]
    public void RuntimePresent_Refused() => ControlRules.RuntimePresent.Refuses(
        static () => Specs.Check(static s => s.Task = new TaskSpec()));

    [Fact]
    public void RuntimeKnown_Accepted() =>
        Specs.CheckProcess(static _ => { });

    [Fact]
    public void RuntimeKnown_Refused() => ControlRules.RuntimeKnown.Refuses(
        static () => Specs.Check(static s => s.Task = new TaskSpec { Attachment = new NetworkAttachmentSpec { ContainerId = "c" } }));

    [Fact]
    public void CpuFloor_Accepted() =>
        Specs.Check(static s => s.Task.Resources = Reserve(nanoCpus: 1_000_000));

    [Theory]
    [InlineData(999_999)]
    [InlineData(-1)]
    public void CpuFloor_Refused(long value) => ControlRules.CpuFloor.Refuses(
        () => Specs.Check(s => s.Task.Resources = Reserve(nanoCpus: value)));

    [Fact]
    public void MemoryFloor_Accepted() =>
        Specs.Check(static s => s.Task.Resources = Reserve(memory: 4 << 20));

    [Theory]
    [InlineData((4 << 20) - 1)]
    [InlineData(-1)]
    public void MemoryFloor_Refused(long value) => ControlRules.MemoryFloor.Refuses(
        () => Specs.Check(s => s.Task.Resources = Reserve(memory: value)));

    [Fact]
    public void GenericResource_Accepted() =>
        Specs.Check(static s => s.Task.Resources = Generic(Count("gpu", 2), Count("ssd", 1)));

    [Fact]
    public void GenericResource_Refused()
    {
        ControlRules.GenericResource.Refuses(
            static () => Specs.Check(static s => s.Task.Resources = Generic(Count("gpu", 1), Count("gpu", 1))));
        ControlRules.GenericResource.Refuses(static () => Specs.Check(static s => s.Task.Resources = Generic(Named("gpu", "uuid1"))));
        ControlRules.GenericResource.Refuses(() => Specs.Check(static s => s.Task.Resources = Generic(Count("gpu", 0))));
    }

    [Fact]
    public void RestartDelay_Accepted() =>
        Specs.Check(static s => s.Task.Restart = new RestartPolicy { Delay = Specs.Seconds(0) });

    [Fact]
    public void RestartDelay_Refused() => ControlRules.RestartDelay.Refuses(
        static () => Specs.Check(static s => s.Task.Restart = new RestartPolicy { Delay = Specs.Seconds(-1) }));

    [Fact]
    public void RestartWindow_Accepted() =>
        Specs.Check(static s => s.Task.Restart = new RestartPolicy { Window = Specs.Seconds(3600) });

    [Fact]
    public void RestartWindow_Refused() => ControlRules.RestartWindow.Refuses(
        static () => Specs.Check(static s => s.Task.Restart = new RestartPolicy { Window = Specs.Seconds(-1) }));

    [Fact]
    public void Constraint_Accepted() =>
        Specs.Check(static s => s.Task.Placement = new Placement { Constraints = { "node.role==worker", "node.labels.x != y" } });

    [Theory]
    [InlineData("node.role=worker")]
    [InlineData("node.role>worker")]
    [InlineData("==x")]
    public void Constraint_Refused(string value) => ControlRules.Constraint.Refuses(
        () => Specs.Check(s => s.Task.Placement = new Placement { Constraints = { value } }));

    [Fact]
    public void DriverName_Accepted() =>
        Specs.Check(static s => s.Task.LogDriver = new Driver { Name = "json-file" });

    [Fact]
    public void DriverName_Refused() => ControlRules.DriverName.Refuses(
        static () => Specs.Check(static s => s.Task.LogDriver = new Driver()));

    [Fact]
    public void ResourceReference_Accepted() =>
        Specs.Check(static s => s.Task.ResourceReferences.Add(Reference("id", ResourceType.Secret)));

    [Fact]
    public void ResourceReference_Refused()
    {
        ControlRules.ResourceReference.Refuses(
            static () => Specs.Check(static s => s.Task.ResourceReferences.Add(Reference("", ResourceType.Secret))));
        ControlRules.ResourceReference.Refuses(
            static () => Specs.Check(static s => s.Task.ResourceReferences.Add(Reference("id", ResourceType.Task))));
    }

    [Fact]
    public void GenericKind_Accepted() =>
        Specs.Check(static s => s.Task = Kind("vms"));

    [Theory]
    [InlineData("vm")]
    [InlineData("container")]
    [InlineData("Attachment")]
    public void GenericKind_Refused(string value) => ControlRules.GenericKind.Refuses(
        () => Specs.Check(s => s.Task = Kind(value)));

    [Fact]
    public void GenericPayload_Accepted() =>
        Specs.Check(static s => s.Task = Kind("vms"));

    [Fact]
    public void GenericPayload_Refused() => ControlRules.GenericPayload.Refuses(
        static () => Specs.Check(static s => s.Task = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = "vms" } }));

    private static ResourceRequirements Reserve(long nanoCpus = 0, long memory = 0) =>
        new() { Reservations = new Resources { NanoCpus = nanoCpus, MemoryBytes = memory } };

    private static ResourceRequirements Generic(params GenericResource[] resources) =>
        new() { Reservations = new Resources { Generic = { resources } } };

    private static GenericResource Count(string kind, long count) =>
        new() { DiscreteResourceSpec = new DiscreteGenericResource { Kind = kind, Value = count } };

    private static GenericResource Named(string kind, string value) =>
        new() { NamedResourceSpec = new NamedGenericResource { Kind = kind, Value = value } };

    private static ResourceReference Reference(string id, ResourceType type) => new() { ResourceId = id, ResourceType = type };

    private static TaskSpec Kind(string kind) =>
        new() { Generic = new GenericRuntimeSpec { Kind = kind, Payload = Any.Pack(new Annotations()) } };
}
