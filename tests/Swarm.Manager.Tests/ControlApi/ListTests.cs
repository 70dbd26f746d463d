// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using ServiceStatus = Swarm.Api.ListServiceStatusesResponse.Types.ServiceStatus;
using Version = Swarm.Api.Version;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>Lists: their filters, their order, and the counts of services.</summary>
public sealed class ListTests
{
    [Fact]
    public async Task ListServices_Filters_AllHaveToHold()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        ServiceSpec labelled = Specs.Service("web-1");
        labelled.Annotations.Labels["tier"] = "front";
        Service web = await harness.CreateServiceAsync(labelled);
        ServiceSpec process = Specs.Process();
        process.Annotations.Name = "web-2";
        Service second = await harness.CreateServiceAsync(process);
        await harness.CreateServiceAsync(Specs.Service("db"));

        Assert.Equal(["db", "web-1", "web-2"], (await ListAsync(new())).Order());
        Assert.Equal(["web-1"], await ListAsync(new() { Names = { "web-1", "nothing" } }));
        Assert.Equal(["web-1", "web-2"], (await ListAsync(new() { NamePrefixes = { "web" } })).Order());
        Assert.Equal(["web-1"], await ListAsync(new() { Labels = { ["tier"] = "" } }));
        Assert.Equal(["web-1"], await ListAsync(new() { Labels = { ["tier"] = "front" } }));
        Assert.Empty(await ListAsync(new() { Labels = { ["tier"] = "back" } }));
        Assert.Equal(["web-2"], await ListAsync(new() { Runtimes = { "process" } }));
        Assert.Equal(["web-1", "web-2"], (await ListAsync(new() { IdPrefixes = { web.Id[..20], second.Id, second.Id } })).Order());
        Assert.Empty(await ListAsync(new() { NamePrefixes = { "web" }, Names = { "db" } }));

        async Task<string[]> ListAsync(ListServicesRequest.Types.Filters filters)
        {
            var request = new ListServicesRequest { Filters = filters };
            IList<Service> services = (await harness.Control.ListServices(request, harness.Context)).Services;
            Assert.Equal(services.OrderBy(static s => s.Id, StringComparer.Ordinal), services);
            return [.. services.Select(static s => s.Spec.Annotations.Name)];
        }
    }

    [Fact]
    public async Task ListTasks_UpToDateAfterScaling_KeepsTasksThatTheSpecStillAsksFor()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service("web"));
        Api.Task task = Task("t1", service, "n1", 1, service.SpecVersion);
        task.Spec = service.Spec.Task;
        await harness.PutAsync(task);
        var request = new ListTasksRequest { Filters = new() { UpToDate = true } };

        Service scaled = (await harness.UpdateServiceAsync(service, static s => s.Replicated.Replicas++)).Service;
        Assert.Single((await harness.Control.ListTasks(request, harness.Context)).Tasks);

        await harness.UpdateServiceAsync(scaled, static s => s.Task.Container.Image = "other:2");
        Assert.Empty((await harness.Control.ListTasks(request, harness.Context)).Tasks);
    }

    [Fact]
    public async Task ListTasks_Filters_AllHaveToHold()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service("web"));
        await harness.PutAsync(Task("t1", service, "n1", 1, service.SpecVersion));
        Api.Task older = Task("t2", service, "n2", 2, new Version { Index = service.SpecVersion.Index + 1 });
        older.Spec = service.Spec.Task.WithContainer(service.Spec.Task.Container.WithImage("older:1"));
        await harness.PutAsync(older);
        Api.Task other = Task("u1", service, "n1", 1, service.SpecVersion);
        other.ServiceId = "gone";
        other.DesiredState = TaskState.Shutdown;
        other.Spec = Specs.Process().Task;
        await harness.PutAsync(other);

        Assert.Equal(["t1", "t2", "u1"], await ListAsync(new()));
        Assert.Equal(["t1", "t2"], await ListAsync(new() { ServiceIds = { service.Id } }));
        Assert.Equal(["t1", "u1"], await ListAsync(new() { NodeIds = { "n1" } }));
        Assert.Equal(["t1"], await ListAsync(new() { NodeIds = { "n1" }, ServiceIds = { service.Id, "none" } }));
        Assert.Equal(["t1", "t2"], await ListAsync(new() { IdPrefixes = { "t" } }));
        Assert.Equal(["u1"], await ListAsync(new() { DesiredStates = { TaskState.Shutdown } }));
        Assert.Equal(["u1"], await ListAsync(new() { Runtimes = { "process" } }));
        Assert.Equal(["t1", "t2"], await ListAsync(new() { Runtimes = { "container" } }));
        Assert.Equal(["t1"], await ListAsync(new() { UpToDate = true }));
        Assert.Equal(["t2"], await ListAsync(new() { Names = { "web.2.t2" } }));
        Assert.Equal(["t1", "u1"], await ListAsync(new() { NamePrefixes = { "web.1." } }));
        Assert.Equal(["t1", "t2", "u1"], await ListAsync(new() { Labels = { ["tier"] = "front" } }));

        async Task<string[]> ListAsync(ListTasksRequest.Types.Filters filters)
        {
            var request = new ListTasksRequest { Filters = filters };
            return [.. (await harness.Control.ListTasks(request, harness.Context)).Tasks.Select(static t => t.Id)];
        }
    }

    [Fact]
    public async Task ListNodes_Filters_AllHaveToHold()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await harness.PutAsync(Node("n1", "host-a", NodeRole.Manager, NodeSpec.Types.Membership.Accepted));
        await harness.PutAsync(Node("n2", "host-b", NodeRole.Worker, NodeSpec.Types.Membership.Accepted));
        await harness.PutAsync(Node("m3", "other", NodeRole.Worker, NodeSpec.Types.Membership.Pending));

        Assert.Equal(["m3", "n1", "n2"], await ListAsync(new()));
        Assert.Equal(["n1"], await ListAsync(new() { Names = { "host-a" } }));
        Assert.Equal(["n1", "n2"], await ListAsync(new() { NamePrefixes = { "host" } }));
        Assert.Equal(["n1", "n2"], await ListAsync(new() { IdPrefixes = { "n" } }));
        Assert.Equal(["n1"], await ListAsync(new() { Roles = { NodeRole.Manager } }));
        Assert.Equal(["m3"], await ListAsync(new() { Memberships = { NodeSpec.Types.Membership.Pending } }));
        Assert.Equal(["n2"], await ListAsync(new() { NodeLabels = { ["node"] = "n2" } }));
        Assert.Equal(["n2"], await ListAsync(new() { Labels = { ["engine"] = "n2" } }));

        async Task<string[]> ListAsync(ListNodesRequest.Types.Filters filters)
        {
            var request = new ListNodesRequest { Filters = filters };
            return [.. (await harness.Control.ListNodes(request, harness.Context)).Nodes.Select(static n => n.Id)];
        }
    }

    [Fact]
    public async Task ListServiceStatuses_CountsTasksThatAreMeantToRun()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());
        ServiceSpec global = Specs.Service("glob");
        global.Global = new GlobalService();
        Service second = await harness.CreateServiceAsync(global);
        await harness.PutAsync(Task("running", service, "n1", 1, service.SpecVersion));
        Api.Task old = Task("stopping", service, "n1", 1, service.SpecVersion);
        old.DesiredState = TaskState.Shutdown;
        await harness.PutAsync(old);
        Api.Task starting = Task("starting", second, "n1", 0, second.SpecVersion);
        starting.Status.State = TaskState.Starting;
        await harness.PutAsync(starting);

        var request = new ListServiceStatusesRequest { Services = { service.Id, second.Id, "gone" } };
        ListServiceStatusesResponse response = await harness.Control.ListServiceStatuses(request, harness.Context);

        Assert.Equal(
            [
                new ServiceStatus { ServiceId = service.Id, DesiredTasks = 2, RunningTasks = 1 },
                new ServiceStatus { ServiceId = second.Id, DesiredTasks = 1 },
                new ServiceStatus { ServiceId = "gone" },
            ],
            response.Statuses);
    }

    [Fact]
    public async Task GetService_InsertDefaults_FillsInWithoutChangingWhatIsStored()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service stored = await harness.CreateServiceAsync(Specs.Service());

        Service filled = (await harness.Control.GetService(
            new GetServiceRequest { ServiceId = stored.Id, InsertDefaults = true }, harness.Context)).Service;

        Assert.Equal(RestartPolicy.Types.RestartCondition.Any, filled.Spec.Task.Restart.Condition);
        Assert.Equal(5, filled.Spec.Task.Restart.Delay.Seconds);
        Assert.Equal(10, filled.Spec.Task.Container.StopGracePeriod.Seconds);
        Assert.Equal(1UL, filled.Spec.Update.Parallelism);
        Assert.Equal(5, filled.Spec.Rollback.Monitor.Seconds);
        Assert.Null(harness.State.Get<Service>(stored.Id)!.Spec.Task.Restart);
    }

    [Fact]
    public async Task RemoveTaskAndService_TheRowsGo()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());
        await harness.PutAsync(Task("t1", service, "n1", 1, service.SpecVersion));

        await harness.Control.RemoveTask(new RemoveTaskRequest { TaskId = "t1" }, harness.Context);
        await harness.Control.RemoveService(new RemoveServiceRequest { ServiceId = service.Id }, harness.Context);

        Assert.Equal(0, harness.State.Count<Api.Task>() + harness.State.Count<Service>());
    }

    private static Api.Task Task(string id, Service service, string node, ulong slot, Version version) => new()
    {
        Id = id,
        ServiceId = service.Id,
        NodeId = node,
        Slot = slot,
        Spec = service.Spec.Task,
        SpecVersion = version,
        ServiceAnnotations = new Annotations { Name = "web", Labels = { ["tier"] = "front" } },
        DesiredState = TaskState.Running,
        Status = new Api.TaskStatus { State = TaskState.Running },
    };

    private static Node Node(string id, string host, NodeRole role, NodeSpec.Types.Membership membership) => new()
    {
        Id = id,
        Role = role,
        Spec = new NodeSpec { Membership = membership, Annotations = new Annotations { Labels = { ["node"] = id } } },
        Description = new NodeDescription { Hostname = host, Engine = new EngineDescription { Labels = { ["engine"] = id } } },
    };
}
