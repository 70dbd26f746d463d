// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Tests.Support;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration.Tests;

/// <summary>Stored data that a controller cannot work on: the operator is told, and everything else goes on.</summary>
public sealed class LeftOutTests : IAsyncDisposable
{
    private readonly Defects _defects = new();
    private readonly World _world;

    public LeftOutTests() => _world = new World(more: () => new JobsForTests(_defects));

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Slot_ThatCannotBePlanned_IsLeftAsItIsAndOthersAreServed()
    {
        _defects.Plan = "a";
        _world.AddNodes(1);
        string bad = Create("a");
        string good = Create("b");
        _world.Advance(10);

        Assert.Single(_world.Running(good));
        Assert.InRange(_world.Tasks(bad).Count, 0, 1); // Not one more each time it fails.
        Assert.Equal(1, _world.Writer.Counters.Alarms);
        Assert.True(_world.Writer.IsLeading);
        Assert.True(_world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Service_ThatCannotBeBalanced_IsTriedAgainWhenItChanges()
    {
        _defects.Balance = "a";
        _world.AddNodes(1);
        string bad = Create("a");
        string good = Create("b");
        _world.Advance(10);
        Assert.Empty(_world.Tasks(bad));
        Assert.Single(_world.Running(good));

        _defects.Balance = "";
        _world.UpdateService(bad, static s => s.WithImage("web:2"));
        _world.Advance(1);

        Assert.Single(_world.Running(bad));
        Assert.Equal(1, _world.Writer.Counters.Alarms);
        Assert.True(_world.Writer.IsLeading);
    }

    [Fact]
    public void Service_ThatCannotBeTakenIn_DoesNotKeepAReignFromBeginning()
    {
        _world.AddNodes(1);
        string good = Create("b");
        Create("a");
        _world.RunAgents();
        _defects.TakeIn = "a";

        _world.NewReign();
        _world.Report(_world.WantedIn(good, 1).Id, TaskState.Failed);
        _world.Advance(10);

        Assert.Single(_world.Running(good));
        Assert.True(_world.Writer.Counters.Alarms > 0);
        Assert.True(_world.Writer.IsLeading);
    }

    private string Create(string name)
    {
        ServiceSpec spec = Specs.Replicated(name, 1);
        spec.ReplicatedJob = new ReplicatedJob();
        return _world.CreateService(spec);
    }

    private sealed class Defects
    {
        public string Plan { get; set; } = "";

        public string Balance { get; set; } = "";

        public string TakeIn { get; set; } = "";
    }

    // Keeps one task of each service of a mode that nobody else looks after, and fails where it is told to.
    private sealed class JobsForTests(Defects defects) : ServiceOrchestrator(null)
    {
        public override string Name => "jobs-for-tests";

        private protected override bool Handles(Service service) => Sound(service, defects.TakeIn)
            && service.Spec.ModeCase == ServiceSpec.ModeOneofCase.ReplicatedJob;

        private protected override IEnumerable<Api.Task> TasksOf(IStoreReader head, string serviceId, SlotKey key) =>
            head.TasksBySlot(serviceId, key.Slot);

        private protected override SlotStep Plan(
            ServiceEntry entry, SlotKey key, SlotTasks slot, IStoreReader head, DateTimeOffset now) =>
            Sound(entry.Service, defects.Plan) ? SlotPlanner.Plan(entry.Service, key, slot, true, head, now, Options) : SlotStep.Nothing;

        private protected override IEnumerable<Action<IStoreTransaction>> Balance(ServiceEntry entry, IStoreReader head)
        {
            if (Sound(entry.Service, defects.Balance) && entry.Taken.Count == 0)
            {
                yield return tx => tx.CreateTask(entry.Service.Id, SlotKey.Numbered(1), TaskState.Running);
            }
        }

        private protected override void TouchNode(string nodeId, IStoreReader head)
        {
        }

        private static bool Sound(Service service, string defect) =>
            service.Spec.Annotations.Name != defect ? true : throw new InvalidOperationException("a defect");
    }
}
