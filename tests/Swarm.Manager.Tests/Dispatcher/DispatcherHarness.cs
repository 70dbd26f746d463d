// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager.Tests.Dispatching;

/// <summary>A dispatcher core over a <see cref="TestState"/>: commits what it posts, and keeps what it sends and closes.</summary>
internal sealed class DispatcherHarness
{
    private readonly Queue<DispatcherOutput.Post> _posts = new();
    private long _lastStream;

    public DispatcherHarness(DispatcherOptions? options = null)
    {
        var ids = new SeededIdSource(new SeededRandom(8));
        Core = new DispatcherCore(options ?? new DispatcherOptions(), "manager", new SeededRandom(7), ids);
        State.Put(TestObjects.Cluster());
    }

    public TestState State { get; } = new();

    public DispatcherCore Core { get; }

    public DateTimeOffset Now
    {
        get => State.Now;
        private set => State.Now = value;
    }

    /// <summary>Whether writes of the core are committed at once. Set it to false to hold them back.</summary>
    public bool AutoCommit { get; set; } = true;

    /// <summary>Whether streams are read at once.</summary>
    public bool AutoDrain { get; set; } = true;

    public List<(long Stream, SessionMessage Message)> Sessions { get; } = [];

    public List<(long Stream, AssignmentsMessage Message, IStoreReader View)> Assignments { get; } = [];

    /// <summary>The state the core knows.</summary>
    public IStoreReader View { get; private set; } = StoreView.Empty;

    public List<(long Stream, SwarmErrorCode Code, string Reason)> Closed { get; } = [];

    public Dictionary<long, SwarmException?> Answers { get; } = [];

    public List<DispatcherCommand> Posted { get; } = [];

    public int PostsHeld => _posts.Count;

    public void Lead()
    {
        State.TakeChanges();
        View = State.View;
        Core.BeginReign(View, Now);
        Settle();
    }

    public long OpenSession(string node, string session = "", NodeDescription? description = null, string addr = "10.0.0.9")
    {
        long stream = ++_lastStream;
        Core.OpenSession(stream, node, session, description, addr, Now);
        Settle();
        return stream;
    }

    public long OpenAssignments(string node, string session)
    {
        long stream = ++_lastStream;
        Core.OpenAssignments(stream, node, session, Now);
        Settle();
        return stream;
    }

    /// <summary>Opens a session and tells its id.</summary>
    public string Register(string node)
    {
        long stream = OpenSession(node);
        return Sessions.Last(sent => sent.Stream == stream).Message.SessionId;
    }

    public SwarmException? Report(long request, string node, string session, params (string Task, Api.TaskStatus Status)[] statuses)
    {
        Core.OnStatuses(
            request,
            node,
            session,
            [.. statuses.Select(s => new UpdateTaskStatusRequest.Types.TaskStatusUpdate { TaskId = s.Task, Status = s.Status })],
            Now);
        Settle();
        return Answers.GetValueOrDefault(request);
    }

    /// <summary>Brings changes made in the state to the core.</summary>
    public void Commit()
    {
        View = State.View;
        Core.OnChanges(View, State.TakeChanges(), Now);
        Settle();
    }

    /// <summary>Has the core miss what changed.</summary>
    public void Reset()
    {
        State.TakeChanges();
        View = State.View;
        Core.OnReset(View, Now);
        Settle();
    }

    /// <summary>Lets time pass, with every timer in its turn.</summary>
    public void Advance(TimeSpan time)
    {
        DateTimeOffset until = Now + time;
        while (Core.NextTimer is { } next && next <= until)
        {
            Now = next > Now ? next : Now;
            Core.OnTimer(Now);
            Settle();
        }

        Now = until;
    }

    public void Drain(long stream)
    {
        Core.OnDrained(stream, Now);
        Settle();
    }

    public void CommitPost(SwarmException? error = null)
    {
        DispatcherOutput.Post post = _posts.Dequeue();
        if (error is null)
        {
            State.Apply(post.Command.Apply);
            View = State.View;
            Core.OnChanges(View, State.TakeChanges(), Now);
        }

        Core.OnPosted(post.Id, error, Now);
        Settle();
    }

    public void Settle()
    {
        for (IReadOnlyList<DispatcherOutput> outputs = Core.TakeOutputs(); outputs.Count > 0; outputs = Core.TakeOutputs())
        {
            foreach (DispatcherOutput output in outputs)
            {
                CarryOut(output);
            }
        }

        if (AutoCommit && _posts.Count > 0)
        {
            CommitPost();
        }
    }

    private void CarryOut(DispatcherOutput output)
    {
        switch (output)
        {
            case DispatcherOutput.SendSession send:
                Sessions.Add((send.Stream, send.Message));
                if (AutoDrain)
                {
                    Core.OnDrained(send.Stream, Now);
                }

                break;
            case DispatcherOutput.SendAssignments send:
                Assignments.Add((send.Stream, send.Message, View));
                if (AutoDrain)
                {
                    Core.OnDrained(send.Stream, Now);
                }

                break;
            case DispatcherOutput.CloseStream close:
                Closed.Add((close.Stream, close.Code, close.Reason));
                Core.OnStreamClosed(close.Stream);
                break;
            case DispatcherOutput.Post post:
                Posted.Add(post.Command);
                _posts.Enqueue(post);
                break;
            case DispatcherOutput.AnswerStatus answer:
                Answers.Add(answer.Request, answer.Error);
                break;
        }
    }
}
