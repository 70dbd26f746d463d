// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Agent.Tasks;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Agent.Tests.Tasks;

public sealed class TaskManagerCoreTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private DateTimeOffset _now = Samples.Start;

    [Fact]
    public void Next_NewTask_SavesEachStateBeforeItActs()
    {
        TaskManagerCore core = Make(Samples.Task("t1"));
        Assert.Equal(TaskState.Assigned, Save(core));
        Assert.Equal(TaskState.Accepted, Save(core));
        Assert.Equal(TaskState.Preparing, Save(core));
        End(core, TaskOperation.Prepare);
        Assert.Equal(TaskState.Ready, Save(core));
        Assert.Equal(TaskState.Starting, Save(core));
        End(core, TaskOperation.Start);
        Assert.Equal(TaskState.Running, Save(core));
        End(core, TaskOperation.Wait);
        Assert.Equal(TaskState.Complete, Save(core));
        Waits(core);
        Assert.True(core.HasEnded);
    }

    [Fact]
    public void Next_DesiredReady_StopsAtReadyUntilDesiredRunning()
    {
        TaskManagerCore core = Make(Samples.Task("t1", TaskState.Ready));
        RunTo(core, TaskOperation.Prepare);
        End(core, TaskOperation.Prepare);
        Assert.Equal(TaskState.Ready, Save(core));
        Waits(core);

        core.Assign(Samples.Task("t1"));

        Save(core);
        Assert.Equal(TaskState.Starting, Save(core));
        Operates(core, TaskOperation.Start);
    }

    [Fact]
    public void Assign_DesiredShutdown_InterruptsTheWaitAndShutsDown()
    {
        TaskManagerCore core = Running();
        Assert.False(core.Interrupts(TaskOperation.Wait));

        core.Assign(Samples.Task("t1", TaskState.Shutdown));

        Assert.True(core.Interrupts(TaskOperation.Wait));
        EndAs(core, TaskOperation.Wait, TaskOutcomeKind.Cancelled, interrupted: true);
        Save(core);
        Assert.False(core.Interrupts(TaskOperation.Shutdown));
        End(core, TaskOperation.Shutdown);
        Assert.Equal(TaskState.Shutdown, Save(core));
        Waits(core);
    }

    [Fact]
    public void Assign_ChangedDefinitionWhileRunning_SavesUpdatesAndWaitsOnWithoutDelay()
    {
        TaskManagerCore core = Running();
        Api.Task changed = Samples.Task("t1");
        changed.Annotations = new Annotations { Labels = { ["a"] = "b" } };

        core.Assign(changed);

        Assert.True(core.Interrupts(TaskOperation.Wait));
        EndAs(core, TaskOperation.Wait, TaskOutcomeKind.Cancelled, interrupted: true);
        Save(core);
        TaskStep update = core.Next(_now);
        Assert.Equal(TaskStepKind.Update, update.Kind);
        Assert.Same(changed, update.Value!.Task);
        core.Updated();
        Operates(core, TaskOperation.Wait);
    }

    [Fact]
    public void Assign_NothingNew_ChangesNothing()
    {
        TaskManagerCore core = Running();
        core.Assign(Samples.Task("t1", TaskState.Ready));
        core.Assign(Samples.Task("t1"));
        Assert.False(core.Interrupts(TaskOperation.Wait));
        Assert.Equal(TaskState.Running, core.Task.DesiredState);
    }

    [Fact]
    public void Ended_TemporaryError_TriesAgainAfterASecond()
    {
        TaskManagerCore core = Make(Samples.Task("t1"));
        RunTo(core, TaskOperation.Prepare);
        core.Ended(new TaskOutcome(TaskOperation.Prepare, TaskOutcomeKind.Temporary, "registry busy"), false, default, _now);
        Assert.Equal(TaskState.Preparing, Save(core));
        Assert.Equal("registry busy", core.Status.Err);
        Assert.Equal(_now + Second, core.Next(_now).Until);
        _now += Second;
        Operates(core, TaskOperation.Prepare);
    }

    [Fact]
    public void Assign_ShutdownDuringTheDelay_DoesNotWaitForIt()
    {
        TaskManagerCore core = Make(Samples.Task("t1"));
        RunTo(core, TaskOperation.Prepare);
        core.Ended(new TaskOutcome(TaskOperation.Prepare, TaskOutcomeKind.Temporary, "busy"), false, default, _now);
        core.Assign(Samples.Task("t1", TaskState.Shutdown));
        Save(core);
        Operates(core, TaskOperation.Shutdown);
    }

    [Theory]
    [InlineData(TaskOperation.Prepare, TaskState.Rejected)]
    [InlineData(TaskOperation.Start, TaskState.Failed)]
    [InlineData(TaskOperation.Wait, TaskState.Failed)]
    public void Ended_Failure_EndsTheTaskWithTheReason(TaskOperation operation, TaskState expected)
    {
        TaskManagerCore core = Make(Samples.Task("t1"));
        RunTo(core, operation);
        core.Ended(new TaskOutcome(operation, TaskOutcomeKind.Failed, "broken"), false, default, _now);
        Assert.Equal(expected, Save(core));
        Assert.Equal("broken", core.Status.Err);
        Waits(core);
    }

    [Fact]
    public void Refuse_NewTask_IsRejectedWithTheReason()
    {
        TaskManagerCore core = Make(Samples.Task("t1"), controller: false);
        core.Refuse("no executor", _now);
        Assert.Equal(TaskState.Rejected, Save(core));
        Assert.Equal("no executor", core.Status.Err);
        core.TakeAway();
        Save(core);
        Assert.Equal(TaskStepKind.Forget, core.Next(_now).Kind);
    }

    [Fact]
    public void Refuse_TaskThatRanBefore_HasFailed()
    {
        var core = new TaskManagerCore(Stored(TaskState.Running), true, Second);
        core.Refuse("executor switched off", _now);
        Assert.Equal(TaskState.Failed, Save(core));
    }

    [Fact]
    public void TakeAway_Running_ShutsDownRemovesForgets()
    {
        TaskManagerCore core = Running();
        core.TakeAway();
        Assert.True(core.Interrupts(TaskOperation.Wait));
        EndAs(core, TaskOperation.Wait, TaskOutcomeKind.Cancelled, interrupted: true);
        TaskStep save = core.Next(_now);
        Assert.False(save.Value!.IsAssigned);
        core.Saved(save.Value);
        End(core, TaskOperation.Shutdown);
        Assert.Equal(TaskState.Shutdown, Save(core));
        Assert.Equal(TaskStepKind.Remove, core.Next(_now).Kind);
        core.RemoveEnded(false, _now);
        Assert.Equal(_now + Second, core.Next(_now).Until);
        _now += Second;
        Assert.Equal(TaskStepKind.Remove, core.Next(_now).Kind);
        core.RemoveEnded(true, _now);
        Assert.Equal(TaskStepKind.Forget, core.Next(_now).Kind);
        core.Forgotten();
        Assert.Equal(TaskStepKind.Done, core.Next(_now).Kind);
    }

    [Fact]
    public void RemoveEnded_KeepsFailing_IsGivenUpAfterFiveTries()
    {
        var core = new TaskManagerCore(Stored(TaskState.Shutdown) with { IsAssigned = false }, true, Second);
        core.ControllerMade();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(TaskStepKind.Remove, core.Next(_now).Kind);
            core.RemoveEnded(false, _now);
            _now += Second;
        }

        Assert.Equal(TaskStepKind.Forget, core.Next(_now).Kind);
    }

    [Fact]
    public void Assign_DuringCleanUp_IsRemembered()
    {
        TaskManagerCore core = Running();
        core.TakeAway();
        Api.Task again = Samples.Task("t1");
        core.Assign(again);
        Assert.Same(again, core.AssignedAgain);
        Assert.True(core.IsGone);
    }

    [Fact]
    public void Drain_Running_EndsAsShutdownAndTerminateForcesIt()
    {
        TaskManagerCore core = Running();
        core.Drain();
        EndAs(core, TaskOperation.Wait, TaskOutcomeKind.Cancelled, interrupted: true);
        Operates(core, TaskOperation.Shutdown);
        core.Terminate();
        Assert.True(core.Interrupts(TaskOperation.Shutdown));
        core.Ended(new TaskOutcome(TaskOperation.Shutdown, TaskOutcomeKind.Cancelled), true, default, _now);
        Operates(core, TaskOperation.Terminate);
        core.Ended(TaskOutcome.Success(TaskOperation.Terminate), false, default, _now);
        Assert.Equal(TaskState.Shutdown, Save(core));
    }

    [Fact]
    public void Next_TaskWithSecretBeforeTheFirstAssignments_WaitsForThem()
    {
        Api.Task task = Samples.Task("t1");
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "x", ResourceType = ResourceType.Secret });
        TaskManagerCore core = Make(task);
        for (int i = 0; i < 3; i++)
        {
            Save(core);
        }

        Waits(core);
        core.DependenciesKnown();
        Operates(core, TaskOperation.Prepare);
    }

    [Fact]
    public void Observe_NewPort_InterruptsTheWaitToReportIt()
    {
        TaskManagerCore core = Running();
        var facts = new TaskFacts(null, new PortStatus { Ports = { new PortConfig { PublishedPort = 8080 } } });
        core.Observe(facts);
        Assert.True(core.Interrupts(TaskOperation.Wait));
        EndAs(core, TaskOperation.Wait, TaskOutcomeKind.Cancelled, interrupted: true);
        Save(core);
        Assert.Equal(8080u, core.SavedStatus.PortStatus.Ports[0].PublishedPort);
        Operates(core, TaskOperation.Wait);
        core.Observe(facts);
        Assert.False(core.Interrupts(TaskOperation.Wait));
    }

    [Fact]
    public void Next_AnyCrashes_StartsOnceAndNeverGoesBack()
    {
        // Each number is how many steps the agent lives; the store keeps what was saved, the world what was started.
        Gen.Int[0, 12].Array[1, 8].Sample(lives =>
        {
            StoredTask? disk = null;
            int starts = 0;
            bool works = false;
            TaskState highest = TaskState.New;
            foreach (int steps in lives.Append(40))
            {
                var core = new TaskManagerCore(disk ?? new StoredTask(Samples.Task("t1"), null, true), disk is not null, Second);
                core.ControllerMade();
                for (int i = 0; i < steps; i++)
                {
                    TaskStep step = core.Next(_now);
                    if (step.Kind == TaskStepKind.Save)
                    {
                        disk = step.Value;
                        Assert.True(disk!.Status!.State >= highest);
                        highest = disk.Status.State;
                        core.Saved(disk);
                    }
                    else if (step is { Kind: TaskStepKind.Operate, Operation: TaskOperation.Wait })
                    {
                        break;
                    }
                    else if (step.Kind == TaskStepKind.Operate)
                    {
                        if (step.Operation == TaskOperation.Start && !works)
                        {
                            starts++;
                            works = true;
                        }

                        TaskState onDisk = disk!.Status!.State;
                        Assert.True(step.Operation != TaskOperation.Start || onDisk == TaskState.Starting);
                        core.Ended(TaskOutcome.Success(step.Operation), false, default, _now);
                    }
                }
            }

            Assert.Equal((1, TaskState.Running), (starts, highest));
        });
    }

    private static StoredTask Stored(TaskState state) => new(Samples.Task("t1"), new TaskStatus { State = state }, true);

    private static TaskManagerCore Make(Api.Task task, bool controller = true)
    {
        var core = new TaskManagerCore(new StoredTask(task, null, true), false, Second);
        if (controller)
        {
            core.ControllerMade();
        }

        return core;
    }

    private TaskManagerCore Running()
    {
        TaskManagerCore core = Make(Samples.Task("t1"));
        RunTo(core, TaskOperation.Wait);
        return core;
    }

    private void RunTo(TaskManagerCore core, TaskOperation operation)
    {
        for (int i = 0; i < 20; i++)
        {
            TaskStep step = core.Next(_now);
            if (step.Kind == TaskStepKind.Save)
            {
                core.Saved(step.Value!);
            }
            else if (step.Operation == operation)
            {
                return;
            }
            else
            {
                core.Ended(TaskOutcome.Success(step.Operation), false, default, _now);
            }
        }

        Assert.Fail($"{operation} was never asked for");
    }

    private TaskState Save(TaskManagerCore core)
    {
        TaskStep step = core.Next(_now);
        Assert.Equal(TaskStepKind.Save, step.Kind);
        core.Saved(step.Value!);
        return step.Value!.Status!.State;
    }

    private void End(TaskManagerCore core, TaskOperation operation) =>
        EndAs(core, operation, TaskOutcomeKind.Succeeded, false, check: true);

    private void EndAs(TaskManagerCore core, TaskOperation operation, TaskOutcomeKind kind, bool interrupted, bool check = false)
    {
        if (check)
        {
            Operates(core, operation);
        }

        core.Ended(new TaskOutcome(operation, kind), interrupted, default, _now);
    }

    private void Operates(TaskManagerCore core, TaskOperation operation)
    {
        TaskStep step = core.Next(_now);
        Assert.Equal((TaskStepKind.Operate, operation), (step.Kind, step.Operation));
    }

    private void Waits(TaskManagerCore core) => Assert.Equal(new TaskStep(TaskStepKind.Wait), core.Next(_now));
}
