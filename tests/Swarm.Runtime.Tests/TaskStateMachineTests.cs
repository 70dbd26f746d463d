// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Tests;

public sealed class TaskStateMachineTests
{
    private static readonly TaskState[] States = Enum.GetValues<TaskState>();

    private static readonly TaskOperation[] Operations =
        [TaskOperation.Prepare, TaskOperation.Start, TaskOperation.Wait, TaskOperation.Shutdown, TaskOperation.Terminate];

    // One letter per observed state in order of value; rows are desired states. Letters: . nothing, a advance, p prepare, s start, w wait, x shutdown.
    //                  NEW PENDING ASSIGNED ACCEPTED PREPARING READY STARTING RUNNING COMPLETE SHUTDOWN FAILED REJECTED REMOVE ORPHANED
    [Theory]
    [InlineData(TaskState.New, "....p.sw......")]
    [InlineData(TaskState.Pending, "a...p.sw......")]
    [InlineData(TaskState.Assigned, "aa..p.sw......")]
    [InlineData(TaskState.Accepted, "aaa.p.sw......")]
    [InlineData(TaskState.Preparing, "aaaap.sw......")]
    [InlineData(TaskState.Ready, "aaaap.sw......")]
    [InlineData(TaskState.Starting, "aaaapasw......")]
    [InlineData(TaskState.Running, "aaaapasw......")]
    [InlineData(TaskState.Complete, "aaaapasw......")]
    [InlineData(TaskState.Shutdown, "xxxxxxxx......")]
    [InlineData(TaskState.Failed, "xxxxxxxx......")]
    [InlineData(TaskState.Rejected, "xxxxxxxx......")]
    [InlineData(TaskState.Remove, "xxxxxxxx......")]
    [InlineData(TaskState.Orphaned, "xxxxxxxx......")]
    public void Next_EveryPairOfStates_GivesTheOperation(TaskState desired, string expected)
    {
        string actual = string.Concat(States.Select(observed => TaskStateMachine.Next(observed, desired).Operation switch
        {
            TaskOperation.None => '.',
            TaskOperation.Advance => 'a',
            TaskOperation.Prepare => 'p',
            TaskOperation.Start => 's',
            TaskOperation.Wait => 'w',
            TaskOperation.Shutdown => 'x',
            _ => '?',
        }));
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData(TaskState.Assigned, TaskState.Accepted, "accepted")]
    [InlineData(TaskState.Accepted, TaskState.Preparing, "preparing")]
    [InlineData(TaskState.Ready, TaskState.Starting, "starting")]
    public void Next_TowardsRunning_AdvancesByOneState(TaskState observed, TaskState next, string message) =>
        Assert.Equal(new TaskDecision(next, message, "", TaskOperation.Advance), TaskStateMachine.Next(observed, TaskState.Running));

    [Theory]
    // observed, desired, operation, outcome → state, next operation, error is kept, delay in seconds
    [InlineData(TaskState.Preparing, TaskState.Running, TaskOperation.Prepare, TaskOutcomeKind.Succeeded, TaskState.Ready, TaskOperation.Advance, false, 0)]
    [InlineData(TaskState.Preparing, TaskState.Ready, TaskOperation.Prepare, TaskOutcomeKind.Succeeded, TaskState.Ready, TaskOperation.Advance, false, 0)]
    [InlineData(TaskState.Preparing, TaskState.Running, TaskOperation.Prepare, TaskOutcomeKind.Failed, TaskState.Rejected, TaskOperation.None, true, 0)]
    [InlineData(TaskState.Preparing, TaskState.Running, TaskOperation.Prepare, TaskOutcomeKind.Temporary, TaskState.Preparing, TaskOperation.Prepare, true, 1)]
    [InlineData(TaskState.Preparing, TaskState.Running, TaskOperation.Prepare, TaskOutcomeKind.Cancelled, TaskState.Preparing, TaskOperation.Prepare, false, 1)]
    [InlineData(TaskState.Starting, TaskState.Running, TaskOperation.Start, TaskOutcomeKind.Succeeded, TaskState.Running, TaskOperation.Advance, false, 0)]
    [InlineData(TaskState.Starting, TaskState.Running, TaskOperation.Start, TaskOutcomeKind.Failed, TaskState.Failed, TaskOperation.None, true, 0)]
    [InlineData(TaskState.Starting, TaskState.Running, TaskOperation.Start, TaskOutcomeKind.Temporary, TaskState.Starting, TaskOperation.Start, true, 1)]
    [InlineData(TaskState.Running, TaskState.Running, TaskOperation.Wait, TaskOutcomeKind.Succeeded, TaskState.Complete, TaskOperation.None, false, 0)]
    [InlineData(TaskState.Running, TaskState.Complete, TaskOperation.Wait, TaskOutcomeKind.Succeeded, TaskState.Complete, TaskOperation.None, false, 0)]
    [InlineData(TaskState.Running, TaskState.Running, TaskOperation.Wait, TaskOutcomeKind.Exited, TaskState.Failed, TaskOperation.None, true, 0)]
    [InlineData(TaskState.Running, TaskState.Complete, TaskOperation.Wait, TaskOutcomeKind.Exited, TaskState.Failed, TaskOperation.None, true, 0)]
    [InlineData(TaskState.Running, TaskState.Running, TaskOperation.Wait, TaskOutcomeKind.Cancelled, TaskState.Running, TaskOperation.Wait, false, 1)]
    [InlineData(TaskState.Running, TaskState.Shutdown, TaskOperation.Wait, TaskOutcomeKind.Exited, TaskState.Running, TaskOperation.Shutdown, false, 0)]
    [InlineData(TaskState.Preparing, TaskState.Remove, TaskOperation.Prepare, TaskOutcomeKind.Failed, TaskState.Preparing, TaskOperation.Shutdown, false, 0)]
    [InlineData(TaskState.Running, TaskState.Shutdown, TaskOperation.Shutdown, TaskOutcomeKind.Succeeded, TaskState.Shutdown, TaskOperation.None, false, 0)]
    [InlineData(TaskState.Accepted, TaskState.Remove, TaskOperation.Shutdown, TaskOutcomeKind.Succeeded, TaskState.Shutdown, TaskOperation.None, false, 0)]
    [InlineData(TaskState.Running, TaskState.Shutdown, TaskOperation.Shutdown, TaskOutcomeKind.Temporary, TaskState.Running, TaskOperation.Shutdown, true, 1)]
    [InlineData(TaskState.Running, TaskState.Shutdown, TaskOperation.Shutdown, TaskOutcomeKind.Failed, TaskState.Running, TaskOperation.Terminate, true, 0)]
    [InlineData(TaskState.Running, TaskState.Shutdown, TaskOperation.Terminate, TaskOutcomeKind.Succeeded, TaskState.Shutdown, TaskOperation.None, false, 0)]
    [InlineData(TaskState.Running, TaskState.Shutdown, TaskOperation.Terminate, TaskOutcomeKind.Failed, TaskState.Failed, TaskOperation.None, true, 0)]
    [InlineData(TaskState.Complete, TaskState.Shutdown, TaskOperation.Wait, TaskOutcomeKind.Exited, TaskState.Complete, TaskOperation.None, false, 0)]
    public void After_OneOutcome_GivesStateAndOperation(
        TaskState observed, TaskState desired, TaskOperation operation, TaskOutcomeKind kind, TaskState state, TaskOperation next, bool error, int delay)
    {
        TaskDecision decision = TaskStateMachine.After(observed, desired, new TaskOutcome(operation, kind, "reason"));
        Assert.Equal((state, next, error ? "reason" : "", TimeSpan.FromSeconds(delay)), (decision.State, decision.Operation, decision.Error, decision.Delay));
    }

    [Fact]
    public void After_EveryTriple_KeepsTheRules()
    {
        int seen = 0;
        foreach (TaskState observed in States)
        {
            foreach (TaskState desired in States)
            {
                foreach (TaskOperation operation in Operations)
                {
                    foreach (TaskOutcomeKind kind in Enum.GetValues<TaskOutcomeKind>())
                    {
                        Check(observed, desired, new TaskOutcome(operation, kind, "reason"));
                        seen++;
                    }
                }
            }
        }

        Assert.Equal(14 * 14 * 5 * 5, seen);
    }

    [Fact]
    public void Next_FollowedFromAnyState_ComesToRest()
    {
        foreach (TaskState start in States)
        {
            foreach (TaskState desired in States)
            {
                TaskDecision decision = TaskStateMachine.Next(start, desired);
                int steps = 0;
                while (decision.Operation != TaskOperation.None)
                {
                    TaskDecision next = decision.Operation == TaskOperation.Advance
                        ? TaskStateMachine.Next(decision.State, desired)
                        : TaskStateMachine.After(decision.State, desired, TaskOutcome.Success(decision.Operation));
                    Assert.True(next.State >= decision.State);
                    decision = next;
                    Assert.True(++steps < 20, $"{start} towards {desired} does not come to rest");
                }

                bool stopped = desired > TaskState.Complete && start <= TaskState.Running;
                Assert.True(!stopped || decision.State == TaskState.Shutdown);
            }
        }
    }

    [Theory]
    [InlineData(TaskControllerErrorKind.AlreadyPrepared, TaskOutcomeKind.Succeeded)]
    [InlineData(TaskControllerErrorKind.AlreadyStarted, TaskOutcomeKind.Succeeded)]
    [InlineData(TaskControllerErrorKind.Temporary, TaskOutcomeKind.Temporary)]
    [InlineData(TaskControllerErrorKind.Closed, TaskOutcomeKind.Cancelled)]
    [InlineData(TaskControllerErrorKind.Fatal, TaskOutcomeKind.Failed)]
    public void From_ControllerError_GivesKind(TaskControllerErrorKind error, TaskOutcomeKind expected) =>
        Assert.Equal(expected, TaskOutcome.From(TaskOperation.Prepare, new TaskControllerException(error, "text")).Kind);

    [Fact]
    public void From_OtherErrors_GivesKindAndText()
    {
        Assert.Equal(TaskOutcome.Success(TaskOperation.Wait), TaskOutcome.From(TaskOperation.Wait, null));
        Assert.Equal(TaskOutcomeKind.Cancelled, TaskOutcome.From(TaskOperation.Wait, new OperationCanceledException()).Kind);
        Assert.Equal(new TaskOutcome(TaskOperation.Wait, TaskOutcomeKind.Exited, "task: non-zero exit (3)"), TaskOutcome.From(TaskOperation.Wait, new TaskExitException(3)));
        Assert.Equal(TaskOutcomeKind.Temporary, TaskOutcome.From(TaskOperation.Start, new SwarmException(SwarmErrorCode.Unavailable, "later")).Kind);
        Assert.Equal(TaskOutcomeKind.Failed, TaskOutcome.From(TaskOperation.Start, new InvalidOperationException("bug")).Kind);
    }

    private static void Check(TaskState observed, TaskState desired, TaskOutcome outcome)
    {
        string triple = $"{observed} towards {desired} after {outcome.Operation} {outcome.Kind}";
        TaskDecision decision = TaskStateMachine.After(observed, desired, outcome);
        Assert.True(decision.State >= observed, triple);
        Assert.True(!observed.IsTerminal() || decision == new TaskDecision(observed, "", "", TaskOperation.None), triple);
        Assert.True(!decision.State.IsTerminal() || decision.Operation == TaskOperation.None, triple);
        Assert.True(decision.State == observed || decision.Message.Length > 0, triple);
        Assert.True(decision.State != TaskState.Rejected || observed < TaskState.Starting || observed == TaskState.Rejected, triple);
        bool stop = desired > TaskState.Complete;
        bool stopping = outcome.Operation is TaskOperation.Shutdown or TaskOperation.Terminate;
        if (observed.IsTerminal() || (stop && !stopping))
        {
            Assert.True(observed.IsTerminal() || (decision.State, decision.Operation) == (observed, TaskOperation.Shutdown), triple);
            return;
        }

        switch (outcome.Kind)
        {
            case TaskOutcomeKind.Temporary or TaskOutcomeKind.Cancelled when decision.Operation is not TaskOperation.None:
                Assert.Equal(TaskStateMachine.RetryDelay, decision.Delay);
                break;
            case TaskOutcomeKind.Failed when !stopping:
                Assert.Equal(observed < TaskState.Starting ? TaskState.Rejected : TaskState.Failed, decision.State);
                Assert.Equal("reason", decision.Error);
                break;
            case TaskOutcomeKind.Succeeded when stopping:
                Assert.Equal(TaskState.Shutdown, decision.State);
                break;
        }
    }
}
