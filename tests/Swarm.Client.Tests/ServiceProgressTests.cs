// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Version = Swarm.Api.Version;

namespace Swarm.Client.Tests;

public sealed class ServiceProgressTests
{
    [Fact]
    public void Of_AllRun_IsConverged()
    {
        Service service = Samples.Service();

        ServiceProgress progress = ServiceProgress.Of(service, [Samples.Task("a", service), Samples.Task("b", service, 2)]);

        Assert.Equal(new ServiceProgress("s1", "web", 2, 2, ServicePhase.Converged, ""), progress);
    }

    [Fact]
    public void Of_OneWaits_SaysWhy()
    {
        Service service = Samples.Service();
        Api.Task waiting = Samples.Task("b", service, 2, TaskState.Pending, "", "no suitable node (insufficient resources on 2 nodes)");

        ServiceProgress progress = ServiceProgress.Of(service, [Samples.Task("a", service), waiting]);

        Assert.Equal(ServicePhase.Converging, progress.Phase);
        Assert.Equal(1UL, progress.Running);
        Assert.Equal("web.2: no suitable node (insufficient resources on 2 nodes)", progress.Reason);
    }

    [Fact]
    public void Of_NothingWaits_TellsTheLastFailure()
    {
        Service service = Samples.Service(replicas: 1);
        Api.Task failed = Samples.Task("a", service, 1, TaskState.Failed, err: "exit 3");
        failed.DesiredState = TaskState.Shutdown;

        Assert.Equal("web.1: exit 3", ServiceProgress.Of(service, [failed]).Reason);
    }

    [Fact]
    public void Of_TasksOfAnOlderSpec_DoNotCount()
    {
        Service service = Samples.Service(replicas: 1);
        Api.Task old = Samples.Task("a", service);
        old.SpecVersion = new Version { Index = 4 };
        old.Spec = Samples.Process("/bin/x");

        Assert.Equal(ServicePhase.Converging, ServiceProgress.Of(service, [old]).Phase);

        old.Spec = service.Spec.Task;
        Assert.Equal(ServicePhase.Converged, ServiceProgress.Of(service, [old]).Phase);
    }

    [Fact]
    public void Of_TooMany_IsNotConverged()
    {
        Service service = Samples.Service(replicas: 1);

        Assert.Equal(ServicePhase.Converging, ServiceProgress.Of(service, [Samples.Task("a", service), Samples.Task("b", service)]).Phase);
    }

    [Theory]
    [InlineData(UpdateStatus.Types.UpdateState.Updating, ServicePhase.Converging)]
    [InlineData(UpdateStatus.Types.UpdateState.RollbackStarted, ServicePhase.Converging)]
    [InlineData(UpdateStatus.Types.UpdateState.Paused, ServicePhase.Paused)]
    [InlineData(UpdateStatus.Types.UpdateState.RollbackPaused, ServicePhase.Paused)]
    [InlineData(UpdateStatus.Types.UpdateState.Completed, ServicePhase.Converged)]
    [InlineData(UpdateStatus.Types.UpdateState.RollbackCompleted, ServicePhase.Converged)]
    public void Of_Update_DecidesThePhase(UpdateStatus.Types.UpdateState state, ServicePhase phase)
    {
        Service service = Samples.Service(replicas: 1);
        service.UpdateStatus = new UpdateStatus { State = state, Message = "because" };

        Assert.Equal(phase, ServiceProgress.Of(service, [Samples.Task("a", service)]).Phase);
    }

    [Fact]
    public void Of_Global_CountsTheNodesItIsOn()
    {
        Service service = Samples.Service();
        service.Spec.Global = new GlobalService();

        Assert.Equal(ServicePhase.Converging, ServiceProgress.Of(service, []).Phase);
        Assert.Equal(ServicePhase.Converged, ServiceProgress.Of(service, [Samples.Task("a", service, 0)]).Phase);
    }

    [Theory]
    [InlineData("pending task scheduling", "")]
    [InlineData("waiting for something new", "waiting for something new")]
    public void Reason_OfAWaitingTask_LeavesOutTheUsual(string message, string reason)
    {
        Api.Task task = Samples.Task("a", Samples.Service(), 1, TaskState.Pending);
        task.Status.Message = message;

        Assert.Equal(reason, TaskReasons.Of(task));
    }
}
