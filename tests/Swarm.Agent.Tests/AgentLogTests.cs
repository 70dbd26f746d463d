// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Tests;

public sealed class AgentLogTests
{
    private readonly FakeManager _manager = new("a:1");
    private readonly AgentWorld _world;

    public AgentLogTests()
    {
        _world = new AgentWorld(11, _manager);
        _manager.Assigned = static () => Samples.Complete("1", Samples.Put(Samples.Task("t1")), Samples.Put(Samples.Task("t2")));
        _world.Start();
        _world.Until(
            () => _manager.Sessions.Count > 0 && Running("t1") && Running("t2") && _manager.Session.Subscriptions is not null,
            "the tasks to run");
    }

    [Fact]
    public void Subscription_WithoutFollow_GivesAllLinesAndCloses()
    {
        Write("t1", "one", "two");
        Write("t2", "three");
        Subscribe("s", follow: false, tail: -11);
        _world.Until(() => _manager.Completed.Contains("s"), "the stream to be completed");

        Assert.Equal(["one", "three", "two"], Lines("s").Order());
        Assert.True(_manager.Published["s"][^1].Close);
        Assert.Contains("logs t1 tail=-11", _world.Executor.Calls);
    }

    [Fact]
    public void Subscription_NothingMatches_ClosesAtOnce()
    {
        var selector = new LogSelector { TaskIds = { "elsewhere" } };
        _manager.Session.Subscriptions!.Send(new SubscriptionMessage { Id = "s", Selector = selector });
        _world.Until(() => _manager.Completed.Contains("s"), "the stream to be completed");
        Assert.True(Assert.Single(_manager.Published["s"]).Close);
    }

    [Fact]
    public void Subscription_Follow_GivesLaterLinesAndLaterTasksUntilClosed()
    {
        Subscribe("s", follow: true);
        Write("t1", "first");
        _world.Until(() => Lines("s").Contains("first"), "the first line");
        _manager.Session.Assignments[0].Send(Samples.Incremental("1", "2", Samples.Put(Samples.Task("late"))));
        _world.Until(() => Running("late"), "the late task");
        Write("late", "hello");
        _world.Until(() => Lines("s").Contains("hello"), "the line of the late task");

        _manager.Session.Subscriptions!.Send(new SubscriptionMessage { Id = "s", Close = true });
        _world.For(TimeSpan.FromSeconds(1));
        Write("t1", "unheard");
        _world.For(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("unheard", Lines("s"));
    }

    [Fact]
    public void Subscription_SlowManager_HoldsNoMoreThanTheBound()
    {
        Write("t1", [.. Enumerable.Range(0, 20_000).Select(static i => $"{i}")]);
        _manager.LogGate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _manager.Session.Subscriptions!.Send(new SubscriptionMessage { Id = "s", Selector = new LogSelector { TaskIds = { "t1" } } });
        _world.For(TimeSpan.FromSeconds(10));
        Assert.Empty(Lines("s"));

        TaskCompletionSource gate = _manager.LogGate;
        _manager.LogGate = null;
        gate.SetResult();
        _world.Until(() => _manager.Completed.Contains("s"), "the stream to be completed");
        Assert.Equal(Enumerable.Range(0, 20_000).Select(static i => $"{i}"), Lines("s"));
        Assert.All(_manager.Published["s"], static message => Assert.InRange(message.CalculateSize(), 0, 128 * 1024));
    }

    [Fact]
    public void SessionLost_WhileFollowing_TheNextSessionSubscribesAnew()
    {
        Subscribe("s", follow: true);
        Write("t1", "before");
        _world.Until(() => Lines("s").Contains("before"), "a line");
        _manager.Crash();
        _manager.IsUp = true;
        _world.Until(() => _manager.Sessions.Count == 2 && _manager.Session.Subscriptions is not null, "a new session");
        Subscribe("s", follow: true);
        Write("t1", "after");
        _world.Until(() => Lines("s").Contains("after"), "a line after the new subscription");
    }

    private bool Running(string taskId) => _manager.Session.Last(taskId)?.State == TaskState.Running;

    private IEnumerable<string> Lines(string id) => _manager.Published.TryGetValue(id, out var messages)
        ? messages.SelectMany(static message => message.Messages).Select(static line => line.Data.ToStringUtf8()) : [];

    private void Subscribe(string id, bool follow, long tail = 0) => _manager.Session.Subscriptions!.Send(new SubscriptionMessage
    {
        Id = id,
        Selector = new LogSelector { ServiceIds = { "service-1" } },
        Options = new LogSubscriptionOptions { Follow = follow, Tail = tail },
    });

    private void Write(string taskId, params string[] lines)
    {
        foreach (string line in lines)
        {
            _world.Executor.World[taskId].Write(new TaskLogLine(Samples.Start, LogStream.Stdout, Encoding.UTF8.GetBytes(line)));
        }
    }
}
