// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;
using Swarm.Store.Testing;
using Availability = Swarm.Api.NodeSpec.Types.Availability;
using NodeState = Swarm.Api.NodeStatus.Types.State;

namespace Swarm.Orchestration.Tests.Support;

/// <summary>
/// A cluster without processes: the real writer with the real controllers, a clock that the test moves, and agents that
/// report what a healthy agent would unless the test says otherwise.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Cluster = "cluster";

    private readonly HashSet<string> _deaf = new(StringComparer.Ordinal);
    private readonly LocalProposer _local;
    private readonly FaultyProposer? _faulty;

    /// <summary>Makes a cluster.</summary>
    /// <param name="options">Those of the controllers.</param>
    /// <param name="writer">Those of the writer; by default it checks every entry and every object.</param>
    /// <param name="faults">Seed of a log that loses entries and ends reigns; null for one that does not.</param>
    /// <param name="more">Controllers besides those that belong to every manager.</param>
    public World(
        OrchestrationOptions? options = null, StoreWriterOptions? writer = null, ulong? faults = null, params Func<IController>[] more)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Mailbox = new ManualMailbox(Time);
        _faulty = faults is { } seed ? new FaultyProposer(Mailbox, seed) : null;
        _local = new LocalProposer(Mailbox);
        IReadOnlyList<Func<IController>> controllers = [.. OrchestrationControllers.Default(options), .. more, () => new Probe(Changes)];
        writer ??= new StoreWriterOptions { DetectMutation = true, VerifyEntries = true };
        Writer = new StoreWriter(writer, _faulty ?? (IProposer)_local, controllers, Mailbox, 42);
        Writer.Start();
        Mailbox.Pump();
        Do(tx => tx.Create(new Cluster
        {
            Id = Cluster,
            Spec = new ClusterSpec
            {
                Annotations = new Annotations { Name = SwarmDefaults.ClusterName },
                Orchestration = new OrchestrationConfig { TaskHistoryRetentionLimit = 5 },
            },
        }));
    }

    public FakeTimeProvider Time { get; }

    public ManualMailbox Mailbox { get; }

    public StoreWriter Writer { get; }

    /// <summary>Every change of Head, in order.</summary>
    public List<StoreChange> Changes { get; } = [];

    public StoreView View => Writer.Committed;

    /// <summary>What a task that is told to run does: RUNNING, a state of its end, or any lower state to be stuck in.</summary>
    public Func<Api.Task, TaskState> OnRun { get; set; } = static _ => TaskState.Running;

    /// <summary>Whether a task stops when told to.</summary>
    public Func<Api.Task, bool> Stops { get; set; } = static _ => true;

    public int Writes => Changes.Count;

    public ValueTask DisposeAsync()
    {
        ValueTask done = Writer.DisposeAsync();
        Mailbox.Pump();
        _local.Dispose();
        _faulty?.Dispose();
        return done;
    }

    /// <summary>The reigns that ended badly so far.</summary>
    public int ReignsLost => _faulty?.ReignsEnded ?? 0;

    /// <summary>Runs a command; where the log is faulty, until it was carried out or had been.</summary>
    public void Do(Action<IStoreTransaction> command)
    {
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            Task done = Writer.SubmitAsync("test", command, CancellationToken.None);
            Mailbox.Pump();
            for (int i = 0; i < 1000 && !done.IsCompleted; i++)
            {
                Time.Advance(TimeSpan.FromMilliseconds(10));
                Mailbox.Pump();
            }

            Assert.True(done.IsCompleted, "a command got no answer");
            SwarmException? refusal = done.Exception?.InnerException as SwarmException;
            if (done.IsCompletedSuccessfully || (_faulty is not null && refusal?.Code == SwarmErrorCode.AlreadyExists))
            {
                return;
            }

            Assert.True(
                _faulty is not null && refusal?.Code is SwarmErrorCode.NotLeader or SwarmErrorCode.OutcomeUnknown,
                done.Exception?.InnerException?.ToString());
            Time.Advance(TimeSpan.FromMilliseconds(10));
            Mailbox.Pump();
        }

        Assert.Fail("no manager leads for long enough");
    }

    /// <summary>The manager stops leading and leads again a second later, with new controllers.</summary>
    public void NewReign()
    {
        ulong before = Writer.Reign;
        _local.StandDown(before, "test");
        Mailbox.Pump();
        Time.Advance(TimeSpan.FromSeconds(1));
        Mailbox.Pump();
        Assert.True(Writer.IsLeading && Writer.Reign > before);
    }

    public void AddNode(string id, Action<Node>? change = null)
    {
        var node = new Node
        {
            Id = id,
            Spec = new NodeSpec { Annotations = new Annotations { Name = id }, Membership = NodeSpec.Types.Membership.Accepted },
            Description = new NodeDescription
            {
                Hostname = id, Resources = new Resources { NanoCpus = 4_000_000_000, MemoryBytes = 8L << 30 },
            },
            Status = new NodeStatus { State = NodeState.Ready, Addr = "127.0.0.1" },
        };
        change?.Invoke(node);
        Do(tx => tx.Create(node));
    }

    public void AddNodes(int count)
    {
        for (int i = 1; i <= count; i++)
        {
            AddNode($"n{i}");
        }
    }

    public void ChangeNode(string id, Func<Node, Node> change) => Do(tx => tx.Update(change(tx.Get<Node>(id)!)));

    public void SetAvailability(string id, Availability availability) =>
        ChangeNode(id, n => n.WithSpec(n.Spec.WithAvailability(availability)));

    public void SetLabel(string id, string key, string value) => ChangeNode(id, n => n.WithSpec(n.Spec.WithAnnotations(
        n.Spec.Annotations.WithLabels(new Dictionary<string, string>(StringComparer.Ordinal) { [key] = value }))));

    /// <summary>The node announces that its host stops; its agent goes on.</summary>
    public void Leave(string id) =>
        ChangeNode(id, n => n.WithStatus(new NodeStatus { State = NodeState.Disconnected, Message = NodeDeparture.Message }));

    /// <summary>The node loses its manager: it is marked, and its agent reports nothing.</summary>
    public void TakeDown(string id, NodeState state = NodeState.Down)
    {
        _deaf.Add(id);
        ChangeNode(id, n => n.WithStatus(n.Status.WithState(state)));
    }

    public void BringBack(string id)
    {
        _deaf.Remove(id);
        ChangeNode(id, n => n.WithStatus(n.Status.WithState(NodeState.Ready)));
    }

    public void RemoveNode(string id) => Do(tx =>
    {
        if (tx.Get<Node>(id) is null)
        {
            return; // Done by an attempt whose outcome was not known.
        }

        foreach (Api.Task task in tx.TasksByNode(id).ToList())
        {
            tx.Update(task.WithStatus(new Api.TaskStatus { State = TaskState.Orphaned, Timestamp = tx.Now, Message = "node removed" }));
        }

        tx.Remove<Node>(id);
    });

    public string CreateService(ServiceSpec spec)
    {
        string id = "svc-" + spec.Annotations.Name;
        Do(tx => tx.Create(new Service { Id = id, Spec = spec, SpecVersion = new Api.Version { Index = tx.EntryIndex } }));
        return id;
    }

    public void UpdateService(string id, Func<ServiceSpec, ServiceSpec> change) => Do(tx =>
    {
        Service service = tx.Get<Service>(id)!;
        tx.Update(service
            .WithPreviousSpec(service.Spec)
            .WithPreviousSpecVersion(service.SpecVersion)
            .WithSpec(change(service.Spec))
            .WithSpecVersion(new Api.Version { Index = tx.EntryIndex })
            .WithUpdateStatus(null));
    });

    public void Scale(string id, ulong replicas) => UpdateService(id, s => s.WithReplicas(replicas));

    public void RemoveService(string id) => Do(tx => tx.Remove<Service>(id));

    public void Report(string taskId, TaskState state, string error = "") => Do(tx => Report(tx, taskId, state, error));

    /// <summary>Lets the agents report until they have nothing more to say. Time stands still.</summary>
    public void RunAgents()
    {
        for (int round = 0; round < 200; round++)
        {
            List<(Api.Task Task, TaskState State)> reports = [];
            foreach (Api.Task task in View.All<Api.Task>())
            {
                if (task.NodeId.Length > 0 && !_deaf.Contains(task.NodeId) && NextState(task) is { } state)
                {
                    reports.Add((task, state));
                }
            }

            if (reports.Count == 0)
            {
                return;
            }

            foreach ((Api.Task Task, TaskState State)[] batch in reports.Chunk(8))
            {
                Do(tx =>
                {
                    foreach ((Api.Task task, TaskState state) in batch)
                    {
                        Report(tx, task.Id, state, "");
                    }
                });
            }
        }

        Assert.Fail("agents and controllers do not come to rest");
    }

    /// <summary>Moves the clock in steps of at most a second, agents reporting after each.</summary>
    public void Advance(double seconds)
    {
        var left = TimeSpan.FromSeconds(seconds);
        RunAgents();
        while (left > TimeSpan.Zero)
        {
            TimeSpan step = left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
            left -= step;
            Time.Advance(step);
            Mailbox.Pump();
            RunAgents();
        }
    }

    public Service Service(string id) => View.Get<Service>(id)!;

    public List<Api.Task> Tasks(string serviceId) => [.. View.TasksByService(serviceId).OrderBy(static t => t.Slot)
        .ThenBy(static t => t.NodeId, StringComparer.Ordinal).ThenBy(static t => t.Meta.CreatedAt.ToDateTimeOffset())];

    /// <summary>Tasks that are wanted to run, or to get ready.</summary>
    public List<Api.Task> Wanted(string serviceId) => Tasks(serviceId).FindAll(static t => t.DesiredState <= TaskState.Running);

    public Api.Task WantedIn(string serviceId, ulong slot) => Assert.Single(Wanted(serviceId), t => t.Slot == slot);

    public List<Api.Task> Running(string serviceId) =>
        Wanted(serviceId).FindAll(static t => t.ObservedState() == TaskState.Running && t.DesiredState == TaskState.Running);

    public Api.Task Get(string taskId) => View.Get<Api.Task>(taskId)!;

    private TaskState? NextState(Api.Task task)
    {
        TaskState state = task.ObservedState();
        if (state < TaskState.Assigned || state.IsTerminal())
        {
            return null;
        }

        if (task.DesiredState > TaskState.Running)
        {
            return Stops(task) ? TaskState.Shutdown : null;
        }

        TaskState goal = task.DesiredState < TaskState.Running ? TaskState.Ready : OnRun(task);
        TaskState next = goal.IsTerminal() && state < TaskState.Starting ? TaskState.Starting : goal;
        return state < next ? next : null;
    }

    private static void Report(IStoreTransaction tx, string taskId, TaskState state, string error)
    {
        if (tx.Get<Api.Task>(taskId) is not { } task || task.ObservedState() >= state)
        {
            return;
        }

        tx.Update(task.WithStatus(new Api.TaskStatus
        {
            State = state, Timestamp = tx.Now, AppliedAt = tx.Now, AppliedBy = task.NodeId, Err = error, Message = "reported",
        }));
    }
}
