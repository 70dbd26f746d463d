// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Agent.Statuses;
using Swarm.Api;

namespace Swarm.Agent.Tests.Statuses;

public sealed class StatusReporterCoreTests
{
    private readonly StatusReporterCore _core = new(3);

    [Fact]
    public void TryTakeBatch_ManyStatuses_GoTogetherUpToTheBound()
    {
        _core.SessionOpened();
        Set("d", "a", "c", "b");
        Assert.Equal(["d", "a", "c"], Take());
        Assert.Null(_core.TryTakeBatch());
        _core.BatchDone();
        Assert.Equal(["b"], Take());
        Assert.False(_core.IsSettled);
        _core.BatchDone();
        Assert.True(_core.IsSettled);
    }

    [Fact]
    public void TryTakeBatch_NoSession_IsNothing()
    {
        Set("a");
        Assert.Null(_core.TryTakeBatch());
        _core.SessionOpened();
        Assert.Equal(["a"], Take());
    }

    [Fact]
    public void Set_Twice_OnlyTheLatestIsReported()
    {
        _core.SessionOpened();
        var latest = new TaskStatus { State = TaskState.Running };
        _core.Set("a", new TaskStatus { State = TaskState.Starting });
        _core.Set("a", latest);
        Assert.Same(latest, Assert.Single(_core.TryTakeBatch()!).Status);
    }

    [Fact]
    public void SessionOpened_Anew_ReportsEverythingAgainButNotTheRemoved()
    {
        _core.SessionOpened();
        Set("a", "b");
        Take();
        _core.BatchDone();
        _core.Remove("a");
        _core.SessionLost();
        Assert.Null(_core.TryTakeBatch());
        _core.SessionOpened();
        Assert.Equal(["b"], Take());
    }

    [Fact]
    public void BatchFailed_Statuses_WaitAgainUnlessTheyChangedOrWentAway()
    {
        _core.SessionOpened();
        Set("a", "b", "c");
        Take();
        var newer = new TaskStatus { State = TaskState.Failed };
        _core.Set("b", newer);
        _core.Remove("c");
        _core.BatchFailed();
        var batch = _core.TryTakeBatch()!;
        Assert.Equal(["a", "b"], batch.Select(static item => item.TaskId).Order());
        Assert.Same(newer, batch.Single(static item => item.TaskId == "b").Status);
    }

    [Fact]
    public void BatchRefused_OneBadStatus_DoesNotHoldUpTheOthers()
    {
        _core.SessionOpened();
        Set("a", "bad", "c");
        Take();
        Assert.Null(_core.BatchRefused());
        Set("d");
        Assert.Equal(["a"], Take());
        _core.BatchDone();
        Assert.Equal(["bad"], Take());
        Assert.Equal("bad", _core.BatchRefused());
        Assert.Equal(["c"], Take());
        _core.BatchDone();
        Assert.Equal(["d"], Take());
    }

    [Fact]
    public void TryTakeBatch_BigStatuses_StaysBelowTheSizeOfAMessage()
    {
        _core.SessionOpened();
        _core.Set("a", new TaskStatus { Err = new string('x', 700_000) });
        _core.Set("b", new TaskStatus { Err = new string('x', 700_000) });
        Assert.Equal(["a"], Take());
    }

    [Fact]
    public void AnyHistory_EveryLatestStatusIsAcknowledgedInTheEnd()
    {
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 5]).Array[0, 60].Sample(steps =>
        {
            var core = new StatusReporterCore(2);
            Dictionary<string, TaskStatus> latest = [], acknowledged = [];
            IReadOnlyList<(string TaskId, TaskStatus Status)>? batch = null;
            foreach ((int what, int id) in steps)
            {
                switch (what)
                {
                    case 0 or 1:
                        core.Set($"{id}", latest[$"{id}"] = new TaskStatus());
                        break;
                    case 2:
                        core.Remove($"{id}");
                        latest.Remove($"{id}");
                        break;
                    case 3:
                        core.SessionLost();
                        batch = null;
                        break;
                    case 4:
                        core.SessionLost();
                        core.SessionOpened();
                        (batch, acknowledged) = (null, []);
                        break;
                    case 5 when batch is not null:
                        core.BatchFailed();
                        batch = null;
                        break;
                    default:
                        batch = core.TryTakeBatch() ?? batch;
                        break;
                }
            }

            core.SessionLost();
            core.SessionOpened();
            acknowledged = [];
            while (core.TryTakeBatch() is { } last)
            {
                Assert.InRange(last.Count, 1, 2);
                foreach ((string id, TaskStatus status) in last)
                {
                    acknowledged[id] = status;
                }

                core.BatchDone();
            }

            Assert.True(core.IsSettled);
            Assert.Equal(latest.Count, acknowledged.Count);
            Assert.All(latest, pair => Assert.Same(pair.Value, acknowledged[pair.Key]));
        });
    }

    private void Set(params string[] ids)
    {
        foreach (string id in ids)
        {
            _core.Set(id, new TaskStatus { State = TaskState.Running });
        }
    }

    private IEnumerable<string> Take() => _core.TryTakeBatch()!.Select(static item => item.TaskId);
}
