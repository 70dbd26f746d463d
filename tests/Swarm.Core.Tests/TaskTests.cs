// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Core.Tests;

public sealed class TaskTests
{
    public static TheoryData<TaskState> States => [.. Enum.GetValues<TaskState>()];

    [Theory]
    [MemberData(nameof(States))]
    public void IsTerminal_IsPastRunning(TaskState state) =>
        Assert.Equal(state is TaskState.Complete or TaskState.Shutdown or TaskState.Failed or TaskState.Rejected or TaskState.Remove or TaskState.Orphaned,
            state.IsTerminal());

    [Theory]
    [InlineData(TaskState.Running, TaskState.Running, true)]
    [InlineData(TaskState.Running, TaskState.New, true)]
    [InlineData(TaskState.Ready, TaskState.Ready, true)]
    [InlineData(TaskState.Complete, TaskState.Running, true)]
    [InlineData(TaskState.Complete, TaskState.Complete, false)]
    [InlineData(TaskState.Running, TaskState.Failed, false)]
    [InlineData(TaskState.Shutdown, TaskState.Running, false)]
    [InlineData(TaskState.Remove, TaskState.Running, false)]
    public void IsActive_WantedAndNotOver(TaskState desired, TaskState observed, bool active) =>
        Assert.Equal(active, new Api.Task { DesiredState = desired, Status = new Api.TaskStatus { State = observed } }.IsActive());

    [Theory]
    [InlineData(TaskState.Running, true)]
    [InlineData(TaskState.Assigned, true)]
    [InlineData(TaskState.Shutdown, false)]
    [InlineData(TaskState.Orphaned, false)]
    public void HoldsClaims_UntilTheWorkIsOver(TaskState observed, bool holds) =>
        Assert.Equal(holds, new Api.Task { DesiredState = TaskState.Remove, Status = new Api.TaskStatus { State = observed } }.HoldsClaims());

    [Fact]
    public void ObservedState_NoStatus_IsNew() => Assert.Equal(TaskState.New, new Api.Task().ObservedState());

    [Fact]
    public void Name_ReplicatedGlobalAndOwn()
    {
        var task = new Api.Task { Id = "id1", NodeId = "node1", ServiceAnnotations = new Annotations { Name = "web" } };

        Assert.Equal("web.node1.id1", TaskNaming.Name(task));
        task.Slot = 3;
        Assert.Equal("web.3.id1", TaskNaming.Name(task));
        task.Annotations = new Annotations { Name = "mine" };
        Assert.Equal("mine", TaskNaming.Name(task));
    }

    [Theory]
    [InlineData("web", true, true)]
    [InlineData("w", true, true)]
    [InlineData("Web_1-a", true, true)]
    [InlineData("a.b", false, true)]
    [InlineData("", false, false)]
    [InlineData("-web", false, false)]
    [InlineData("web-", false, false)]
    [InlineData("bad_name!", false, false)]
    [InlineData("wéb", false, false)]
    [InlineData("123456789012345678901234567890123456789012345678901234567890123", true, true)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234", false, true)]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", false, false)]
    public void Names_OfServicesAndSecrets(string name, bool service, bool secret)
    {
        Assert.Equal(service, SwarmNames.IsServiceName(name));
        Assert.Equal(secret, SwarmNames.IsSecretName(name));
    }
}
