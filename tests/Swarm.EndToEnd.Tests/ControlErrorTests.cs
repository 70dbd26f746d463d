// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>What swarmctl says when it is asked for what cannot be.</summary>
[Collection(OneWorkerCluster.Name)]
public sealed class ControlErrorTests(OneWorkerCluster fixture)
{
    private readonly TestCluster _cluster = fixture.Cluster;

    [Theory]
    [InlineData("bad_name!")]
    [InlineData("-starts-with-dash")]
    [InlineData("a-name-that-is-longer-than-the-sixty-three-characters-that-a-service-may-have")]
    public async Task ServiceName_Invalid_IsRefused(string name) =>
        (await _cluster.CreateSleeperAsync($"--name={name}"[7..], 1)).FailedSaying("name");

    [Fact]
    public async Task ServiceName_Taken_IsRefused()
    {
        (await _cluster.CreateSleeperAsync("taken", 0)).Succeeded();

        (await _cluster.CreateSleeperAsync("TAKEN", 0)).FailedSaying("name conflicts with an existing object", "already exists");
    }

    [Theory]
    [InlineData("service", "inspect")]
    [InlineData("service", "rm")]
    [InlineData("service", "logs")]
    [InlineData("node", "inspect")]
    [InlineData("node", "drain")]
    [InlineData("node", "rm")]
    [InlineData("task", "inspect")]
    [InlineData("task", "rm")]
    [InlineData("secret", "inspect")]
    [InlineData("config", "rm")]
    [InlineData("cluster", "inspect")]
    public async Task Unknown_IsNotFound(string kind, string verb) =>
        (await _cluster.CtlAsync(kind, verb, "nothere")).FailedSaying(kind, "nothere", "not found");

    [Fact]
    public async Task Command_DoesNotExist_TaskIsRejectedWithTheReason()
    {
        (await _cluster.CtlAsync(
            "service", "create", "--name", "nocommand", "--runtime", "process", "--command", "/no/such/program", "--restart-condition", "none")).Succeeded();
        await _cluster.UntilAsync(
            "task of nocommand is REJECTED",
            async () => (await _cluster.CtlAsync("task", "ls", "--all")).Lines.Any(l => l.Contains("nocommand.1",
                StringComparison.Ordinal) && l.Contains("REJECTED", StringComparison.Ordinal)));

        Assert.Contains("/no/such/program", (await _cluster.CtlAsync("task", "ls", "--all")).Output, StringComparison.Ordinal);
        Assert.Contains("/no/such/program", (await _cluster.CtlAsync("service", "inspect", "--all", "nocommand")).Output, StringComparison.Ordinal);
        (await _cluster.CtlAsync("service", "rm", "nocommand")).Succeeded();
    }

    [Theory]
    [InlineData("node.role=worker")]
    [InlineData("node.role>worker")]
    [InlineData("==x")]
    public async Task Constraint_Syntax_IsRefused(string constraint) =>
        (await _cluster.CreateSleeperAsync("constrained", 1, "--constraint", constraint)).FailedSaying("constraint");

    [Fact]
    public async Task Reservation_Impossible_TaskWaitsAndSaysWhyWithCounts()
    {
        (await _cluster.CreateSleeperAsync("huge", 1, "--memory-reservation", "900g")).Succeeded();
        await _cluster.UntilAsync(
            "the task of huge says why it waits",
            async () => (await _cluster.CtlAsync("service", "inspect", "huge")).Output.Contains("insufficient resources on 2 nodes", StringComparison.Ordinal));

        Assert.Contains((await _cluster.CtlAsync("task", "ls")).Lines,
            l => l.Contains("huge.1", StringComparison.Ordinal) && l.Contains("PENDING", StringComparison.Ordinal));
        (await _cluster.CtlAsync("service", "rm", "huge")).Succeeded();
    }

    [Fact]
    public async Task ImageAndProcess_ExcludeEachOther() => (await _cluster.CtlAsync(
        "service", "create", "--name", "both", "--image", "nginx", "--runtime", "process", "--command",
            "/bin/true")).FailedSaying("--image", "--runtime process");

    [Fact]
    public async Task NeitherImageNorProcess_SaysThatOneIsMandatory() =>
        (await _cluster.CtlAsync("service", "create", "--name", "neither")).FailedSaying("--image", "--runtime process");

    [Fact]
    public async Task Container_OnProcessNodes_WaitsAndSaysWhy()
    {
        (await _cluster.CtlAsync("service", "create", "--name", "container", "--image", "nginx")).Succeeded();
        await _cluster.UntilAsync(
            "the task of container says why it waits",
            async () => (await _cluster.CtlAsync("service", "inspect", "container")).Output.Contains("no suitable node", StringComparison.Ordinal));
        (await _cluster.CtlAsync("service", "rm", "container")).Succeeded();
    }

    [Fact]
    public async Task Manager_MayNotBeRemovedOrDemoted()
    {
        (await _cluster.CtlAsync("node", "rm", "node-1")).FailedSaying("manager");
        (await _cluster.CtlAsync("node", "demote", "node-1")).FailedSaying("last manager");
    }

    [Fact]
    public async Task ReadyNode_IsNotRemovedWithoutForce() => (await _cluster.CtlAsync("node", "rm", "node-2")).FailedSaying("node");

    [Fact]
    public async Task Socket_NobodyThere_SaysWhichSocket() =>
        (await Tool.RunAsync("swarmctl", null, "-s", "/nowhere/swarm.sock", "node", "ls")).FailedSaying(
            "/nowhere/swarm.sock", "no such socket");

    [Fact]
    public async Task UnknownFlagOrCommand_IsRefused()
    {
        Assert.NotEqual(0, (await _cluster.CtlAsync("node", "ls", "--nonsense")).ExitCode);
        Assert.NotEqual(0, (await _cluster.CtlAsync("nonsense")).ExitCode);
    }

    [Fact]
    public async Task LaterMethods_SayThatTheyComeLater()
    {
        (await _cluster.CtlAsync("network", "create", "--name", "net1", "--driver", "overlay")).FailedSaying("network");
        (await _cluster.CtlAsync("node", "promote", "node-2")).FailedSaying("one manager");
    }
}
