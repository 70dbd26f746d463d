// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Tests;

public sealed class TaskStateMachineTests
{
    private static readonly TaskState[] States = Enum.GetValues<TaskState>();

    private static readonly TaskOperation[] Operations =
        [TaskOperation.Prepare, TaskOperation.Start, TaskOperation.Wait, TaskOperation.Shutdown, TaskOperation.Terminate];

    // One letter per observed state in order of value, NEW to ORPHANED; a row per desired state.
    // Letters: . nothing, a advance, p prepare, s start, w wait, x shutdown.
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

    // Observed state towards desired state; operation, how it ended → state, next operation, error is kept, delay in seconds.
    [Theory]
    [InlineData("Preparing towards Running, Prepare Succeeded → Ready, Advance, False, 0")]
    [InlineData("Preparing towards Ready, Prepare Succeeded → Ready, Advance, False, 0")]
    [InlineData("Preparing towards Running, Prepare Failed → Rejected, None, True, 0")]
    [InlineData("Preparing towards Running, Prepare Temporary → Preparing, Prepare, True, 1")]
    [InlineData("Preparing towards Running, Prepare Cancelled → Preparing, Prepare, False, 1")]
    [InlineData("Starting towards Running, Start Succeeded → Running, Advance, False, 0")]
    [InlineData("Starting towards Running, Start Failed → Failed, None, True, 0")]
    [InlineData("Starting towards Running, Start Temporary → Starting, Start, True, 1")]
    [InlineData("Running towards Running, Wait Succeeded → Complete, None, False, 0")]
    [InlineData("Running towards Complete, Wait Succeeded → Complete, None, False, 0")]
    [InlineData("Running towards Running, Wait Exited → Failed, None, True, 0")]
    [InlineData("Running towards Complete, Wait Exited → Failed, None, True, 0")]
    [InlineData("Running towards Running, Wait Cancelled → Running, Wait, False, 1")]
    [InlineData("Running towards Shutdown, Wait Exited → Running, Shutdown, False, 0")]
    [InlineData("Preparing towards Remove, Prepare Failed → Preparing, Shutdown, False, 0")]
    [InlineData("Running towards Shutdown, Shutdown Succeeded → Shutdown, None, False, 0")]
    [InlineData("Accepted towards Remove, Shutdown Succeeded → Shutdown, None, False, 0")]
    [InlineData("Running towards Shutdown, Shutdown Temporary → Running, Shutdown, True, 1")]
    [InlineData("Running towards Shutdown, Shutdown Failed → Running, Terminate, True, 0")]
    [InlineData("Running towards Shutdown, Terminate Succeeded → Shutdown, None, False, 0")]
    [InlineData("Running towards Shutdown, Terminate Failed → Failed, None, True, 0")]
    [InlineData("Complete towards Shutdown, Wait Exited → Complete, None, False, 0")]
    public void After_OneOutcome_GivesStateAndOperation(string row)
    {
        string[] words = row.Split((char[])[' ', ',', '→'], StringSplitOptions.RemoveEmptyEntries);
        var outcome = new TaskOutcome(Enum.Parse<TaskOperation>(words[3]), Enum.Parse<TaskOutcomeKind>(words[4]), "reason");
        TaskDecision decision = TaskStateMachine.After(Enum.Parse<TaskState>(words[0]), Enum.Parse<TaskState>(words[2]), outcome);
        bool keepsError = decision.Error == "reason";
        Assert.Equal(
            string.Join(' ', words[5..]), $"{decision.State} {decision.Operation} {keepsError} {decision.Delay.TotalSeconds}");
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
        var exited = new TaskOutcome(TaskOperation.Wait, TaskOutcomeKind.Exited, "task: non-zero exit (3)");
        Assert.Equal(exited, TaskOutcome.From(TaskOperation.Wait, new TaskExitException(3)));
        var later = new SwarmException(SwarmErrorCode.Unavailable, "later");
        Assert.Equal(TaskOutcomeKind.Temporary, TaskOutcome.From(TaskOperation.Start, later).Kind);
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
