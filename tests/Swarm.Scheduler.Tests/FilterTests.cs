// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler.Tests;

public sealed class FilterTests
{
    [Theory]
    [InlineData(NodeStatus.Types.State.Ready, NodeSpec.Types.Availability.Active, true)]
    [InlineData(NodeStatus.Types.State.Ready, NodeSpec.Types.Availability.Pause, false)]
    [InlineData(NodeStatus.Types.State.Ready, NodeSpec.Types.Availability.Drain, false)]
    [InlineData(NodeStatus.Types.State.Down, NodeSpec.Types.Availability.Active, false)]
    [InlineData(NodeStatus.Types.State.Unknown, NodeSpec.Types.Availability.Active, false)]
    [InlineData(NodeStatus.Types.State.Disconnected, NodeSpec.Types.Availability.Active, false)]
    public void Ready_ByStateAndAvailability_PassesReadyActiveNodes(
        NodeStatus.Types.State state, NodeSpec.Types.Availability availability, bool passes)
    {
        Node node = Make.Node("n", with: n =>
        {
            n.Status.State = state;
            n.Spec.Availability = availability;
        });
        Assert.Equal(passes, Passes(new ReadyFilter(), Make.Pending("t"), node));
    }

    [Theory]
    [InlineData(4, 100, true)]
    [InlineData(5, 0, false)]
    [InlineData(0, 101, false)]
    [InlineData(0, 0, true)]
    [InlineData(long.MaxValue, long.MaxValue, false)]
    [InlineData(-1, -1, true)]
    public void Resource_ByWhatIsFree_PassesWhatFits(long cpus, long memory, bool passes)
    {
        Node node = Make.Node("n", cpus: 10, memory: 200);
        Api.Task held = Make.On("n", "held", with: Make.Reserving(6, 100));
        Assert.Equal(passes, Passes(new ResourceFilter(), Make.Pending("t", with: Make.Reserving(cpus, memory)), node, held));
    }

    [Fact]
    public void Resource_ManyHugeReservations_DoNotWrapAround()
    {
        Node node = Make.Node("n", cpus: long.MaxValue);
        Api.Task[] held = [.. Enumerable.Range(0, 3).Select(i => Make.On("n", "h" + i, with: Make.Reserving(long.MaxValue)))];
        Assert.False(Passes(new ResourceFilter(), Make.Pending("t", with: Make.Reserving(1)), node, held));
    }

    [Theory]
    [InlineData("gpu", 1, true)]
    [InlineData("gpu", 2, false)]
    [InlineData("ssd", 2, true)]
    [InlineData("ssd", 3, false)]
    [InlineData("fpga", 1, false)]
    public void Resource_Generic_CountsNamesAndNumbers(string kind, long count, bool passes)
    {
        Node node = Make.Node("n", with: n => n.Description.Resources.Generic.AddRange(
            [Make.Named("gpu", "a"), Make.Named("gpu", "b"), Make.Discrete("ssd", 3)]));
        Api.Task held = Make.On("n", "held", with: t =>
            t.AssignedGenericResources.AddRange([Make.Named("gpu", "b"), Make.Discrete("ssd", 1)]));
        Assert.Equal(passes, Passes(new ResourceFilter(), Make.Pending("t", with: Make.Reserving(0, 0, (kind, count))), node, held));
    }

    [Fact]
    public void Resource_OneKindAskedTwice_IsAddedUp()
    {
        Node node = Make.Node("n", with: n => n.Description.Resources.Generic.Add(Make.Discrete("ssd", 3)));
        Assert.False(Passes(new ResourceFilter(), Make.Pending("t", with: Make.Reserving(0, 0, ("ssd", 2), ("ssd", 2))), node));
        Assert.False(Passes(new ResourceFilter(), Make.Pending("t", with: Make.Reserving(0, 0, ("ssd", long.MaxValue), ("ssd", 2))), node));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("local", true)]
    [InlineData("nfs", true)]
    [InlineData("nfs:latest", true)]
    [InlineData("nfs:2", false)]
    [InlineData("ceph", false)]
    public void Plugin_VolumeDriver_MustBeListed(string driver, bool passes)
    {
        Api.Task task = Make.Pending("t", with: t => t.Spec.Container.Mounts.Add(new Mount
        {
            Type = Mount.Types.Type.Volume,
            VolumeOptions = new Mount.Types.VolumeOptions { DriverConfig = new Driver { Name = driver } },
        }));
        Assert.Equal(passes, Passes(new PluginFilter(), task, WithPlugins("Volume/nfs")));
        Assert.Equal(passes, Passes(new PluginFilter(), task, WithPlugins("Volume/nfs:latest")));
    }

    [Theory]
    [InlineData("overlay", true)]
    [InlineData("weave", false)]
    public void Plugin_NetworkDriver_MustBeListed(string driver, bool passes)
    {
        Api.Task task = Make.Pending("t", with: t => t.Networks.Add(new NetworkAttachment
        {
            Network = new Network { DriverState = new Driver { Name = driver } },
        }));
        Assert.Equal(passes, Passes(new PluginFilter(), task, WithPlugins("Network/overlay")));
    }

    [Theory]
    [InlineData("syslog", "Log/syslog", true)]
    [InlineData("syslog", "Log/journald", false)]
    [InlineData("syslog", "Volume/nfs", true)]
    [InlineData("none", "Log/journald", true)]
    public void Plugin_LogDriver_MustBeListedWhereTheNodeListsAny(string driver, string plugin, bool passes)
    {
        Api.Task task = Make.Pending("t", with: t => t.Spec.LogDriver = new Driver { Name = driver });
        Assert.Equal(passes, Passes(new PluginFilter(), task, WithPlugins(plugin)));
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("Runtime/docker", true, false)]
    [InlineData("Runtime/process", false, true)]
    [InlineData("Runtime/docker Runtime/process", true, true)]
    public void Plugin_Runtime_ANodeThatListsNoneTakesContainersOnly(string plugins, bool container, bool process)
    {
        Node node = WithPlugins(plugins.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Api.Task generic = Make.Pending("t", with: t => t.Spec.Generic = new GenericRuntimeSpec { Kind = "process" });
        Assert.Equal(container, Passes(new PluginFilter(), Make.Pending("t"), node));
        Assert.Equal(process, Passes(new PluginFilter(), generic, node));
    }

    [Fact]
    public void Plugin_Explain_NamesWhatTheTaskNeeds()
    {
        var filter = new PluginFilter();
        filter.SetTask(Make.Pending("t", with: t => t.Spec.Generic = new GenericRuntimeSpec { Kind = "process" }));
        Assert.Equal("missing plugin on 2 nodes: needs runtime process", filter.Explain(2));
        filter.SetTask(Make.Pending("t", with: t =>
        {
            t.Spec.Container.Mounts.Add(new Mount
            {
                Type = Mount.Types.Type.Volume,
                VolumeOptions = new Mount.Types.VolumeOptions { DriverConfig = new Driver { Name = "nfs" } },
            });
            t.Spec.LogDriver = new Driver { Name = "syslog" };
        }));
        Assert.Equal("missing plugin on 1 node: needs runtime docker, volume driver nfs, log driver syslog", filter.Explain(1));
    }

    [Fact]
    public void Plugin_NodeWithoutDescription_TakesContainersOnly()
    {
        Node node = Make.Node("n", with: n => n.Description = null);
        Api.Task generic = Make.Pending("t", with: t => t.Spec.Generic = new GenericRuntimeSpec { Kind = "process" });
        Assert.True(Passes(new PluginFilter(), Make.Pending("t"), node));
        Assert.False(Passes(new PluginFilter(), generic, node));
    }

    [Theory]
    [InlineData(new[] { "node.role==worker", "node.id==N" }, true)]
    [InlineData(new[] { "node.role==worker", "node.id!=n" }, false)]
    [InlineData(new[] { "this is none" }, false)]
    public void Constraint_AllMustHold(string[] constraints, bool passes) =>
        Assert.Equal(passes, Passes(new ConstraintFilter(), Make.Pending("t", with: Make.Constrained(constraints)), Make.Node("n")));

    [Theory]
    [InlineData("linux", "amd64", true)]
    [InlineData("linux", "x86_64", true)]
    [InlineData("", "amd64", true)]
    [InlineData("linux", "", true)]
    [InlineData("windows", "amd64", false)]
    [InlineData("linux", "arm64", false)]
    public void Platform_AnyEntryMayFit(string os, string architecture, bool passes)
    {
        Api.Task task = Make.Pending("t", with: t => t.Spec.Placement.Platforms.AddRange(
            [new Platform { Os = "plan9" }, new Platform { Os = os, Architecture = architecture }]));
        Assert.Equal(passes, Passes(new PlatformFilter(), task, Make.Node("n")));
        Assert.False(Passes(new PlatformFilter(), task, Make.Node("n", with: n => n.Description.Platform = null)));
    }

    [Theory]
    [InlineData(80, PortConfig.Types.Protocol.Tcp, false)]
    [InlineData(80, PortConfig.Types.Protocol.Udp, true)]
    [InlineData(81, PortConfig.Types.Protocol.Tcp, true)]
    [InlineData(0, PortConfig.Types.Protocol.Tcp, true)]
    public void HostPort_ProtocolAndPortMustBeFree(uint port, PortConfig.Types.Protocol protocol, bool passes)
    {
        Api.Task stopping = Make.On("n", "held", with: t =>
        {
            Make.Publishing(80)(t);
            t.DesiredState = TaskState.Shutdown;
        });
        Assert.Equal(passes,
            Passes(new HostPortFilter(), Make.Pending("t", with: Make.Publishing(port, protocol)), Make.Node("n"), stopping));
    }

    [Fact]
    public void HostPort_OfATaskThatIsAllocated_IsWhatItWasGiven()
    {
        static Action<Api.Task> Given(uint port) => t =>
        {
            Make.Publishing(80)(t);
            t.Endpoint.Ports.Add(t.Endpoint.Spec.Ports.Select(p => p.WithPublishedPort(port)));
        };
        Assert.False(Passes(new HostPortFilter(), Make.Pending("t", with: Given(81)), Make.Node("n"), Make.On("n", "held", with: Given(81))));
        Assert.True(Passes(new HostPortFilter(), Make.Pending("t", with: Given(81)), Make.Node("n"), Make.On("n", "held", with: Given(82))));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void MaxReplicas_CountsActiveTasksOfTheService(ulong most, bool passes)
    {
        Api.Task[] held =
        [
            Make.On("n", "a"), Make.On("n", "b"), Make.On("n", "other", "db"), Make.On("n", "done", state: TaskState.Complete),
            Make.On("n", "leaving", with: t => t.DesiredState = TaskState.Shutdown),
        ];
        Api.Task task = Make.Pending("t", with: t => t.Spec.Placement.MaxReplicas = most);
        Assert.Equal(passes, Passes(new MaxReplicasFilter(), task, Make.Node("n"), held));
    }

    [Fact]
    public void Explain_OneAndMany_ReadsWell()
    {
        Assert.Equal(
            [
                "insufficient resources on 1 node", "missing plugin on 1 node", "scheduling constraints not satisfied on 1 node",
                "unsupported platform on 1 node", "host-mode port already in use on 1 node", "max replicas per node limit exceed on 1 node",
            ],
            NodeFilters.Default().Select(f => f.Explain(1)));
        Assert.Equal("insufficient resources on 3 nodes", new ResourceFilter().Explain(3));
        Assert.Equal("1 node not available for new tasks", new ReadyFilter().Explain(1));
        Assert.Equal("2 nodes not available for new tasks", new ReadyFilter().Explain(2));
        Assert.Equal(NodeFilters.Default().Count, NodeFilters.Default().Select(f => f.Reason).Distinct().Count());
    }

    private static Node WithPlugins(params string[] plugins) => Make.Node("n", with: n => n.Description.Engine.Plugins.AddRange(
        plugins.Select(p => new PluginDescription { Type = p.Split('/')[0], Name = p.Split('/')[1] })));

    private static bool Passes(INodeFilter filter, Api.Task task, Node node, params Api.Task[] held)
    {
        NodeSet nodes = Make.Nodes(node);
        foreach (Api.Task other in held)
        {
            nodes.AddOrUpdateTask(other, Make.Now);
        }

        Assert.True(nodes.TryGetNode(node.Id, out NodeInfo? info));
        return !filter.SetTask(task) || filter.Check(info);
    }
}
