// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests;

public sealed class StoreRulesTests
{
    private readonly WriterWorld _world = new(proposer: log => new LocalProposer(log));

    public static TheoryData<ObjectKind> UniqueKinds =>
    [
        ObjectKind.Service, ObjectKind.Network, ObjectKind.Cluster, ObjectKind.Secret, ObjectKind.Config, ObjectKind.Resource,
        ObjectKind.Extension, ObjectKind.Volume,
    ];

    [Theory]
    [MemberData(nameof(UniqueKinds))]
    public void Create_NameTakenInAnotherCase_IsRefused(ObjectKind kind)
    {
        Do(tx => tx.Create(Make.Named(ObjectKind.Extension, "x", "thing")));
        Do(tx => tx.Create(Make.Named(kind, "a", "Web")));

        SwarmException e = Fails(tx => tx.Create(Make.Named(kind, "b", "wEB")));

        Assert.Equal(SwarmErrorCode.AlreadyExists, e.Code);
        Assert.Equal($"name conflicts with an existing object: {kind.ToString().ToLowerInvariant()} wEB already exists", e.Message);
    }

    [Theory]
    [InlineData(ObjectKind.Node)]
    [InlineData(ObjectKind.Task)]
    public void Create_SameNameOfNodeOrTask_IsFine(ObjectKind kind)
    {
        Do(tx => tx.Create(Make.Named(kind, "a", "n")));
        Do(tx => tx.Create(Make.Named(kind, "b", "n")));

        Assert.Equal(2, _world.Writer.Committed.Count<Node>() + _world.Writer.Committed.Count<Api.Task>());
    }

    [Fact]
    public void Create_IdTaken_IsRefused()
    {
        Do(tx => tx.Create(Make.Service("a", "one")));

        Assert.Equal(SwarmErrorCode.AlreadyExists, Fails(tx => tx.Create(Make.Service("a", "two"))).Code);
    }

    [Fact]
    public void Create_WithoutId_IsRefused() =>
        Assert.Equal(SwarmErrorCode.InvalidArgument, Fails(tx => tx.Create(Make.Service("", "one"))).Code);

    [Fact]
    public void Create_StampsVersionAndTimes_AndUpdateKeepsTheFirstTime()
    {
        Do(tx => tx.Create(Make.Service("a", "one")));
        Service made = _world.Writer.Committed.Get<Service>("a")!;
        _world.Loop.RunFor(TimeSpan.FromSeconds(3));
        Do(tx => tx.Update(tx.Get<Service>("a")!.WithPendingDelete(true)));
        Service changed = _world.Writer.Committed.Get<Service>("a")!;

        Assert.Equal(1ul, made.Meta.Version.Index);
        Assert.Equal(made.Meta.CreatedAt, made.Meta.UpdatedAt);
        Assert.Equal(2ul, changed.Meta.Version.Index);
        Assert.Equal(made.Meta.CreatedAt, changed.Meta.CreatedAt);
        Assert.Equal(TimeSpan.FromSeconds(3), changed.Meta.UpdatedAt.ToDateTimeOffset() - made.Meta.UpdatedAt.ToDateTimeOffset());
        Assert.False(made.PendingDelete);
    }

    [Fact]
    public void Update_OldVersion_IsOutOfSequence()
    {
        Do(tx => tx.Create(Make.Service("a", "one")));
        Service old = _world.Writer.Committed.Get<Service>("a")!;
        Do(tx => tx.Update(old.WithPendingDelete(true)));

        SwarmException e = Fails(tx => tx.Update(old.WithPendingDelete(false)));

        Assert.Equal(SwarmErrorCode.OutOfSequence, e.Code);
        Assert.Equal("update out of sequence", e.Message);
    }

    [Fact]
    public void Update_OlderObjectOfTheSameEntry_IsOutOfSequence() => Do(tx =>
    {
        tx.Create(Make.Service("a", "one"));
        Service first = tx.Get<Service>("a")!;
        tx.Update(first.WithPendingDelete(true));
        Assert.Equal(tx.EntryIndex, first.Meta.Version.Index);
        Assert.Equal(
            SwarmErrorCode.OutOfSequence,
            Assert.Throws<SwarmException>(() => tx.Update(first.WithSpecVersion(new() { Index = 7 }))).Code);
    });

    [Fact]
    public void Update_Unknown_IsNotFound() =>
        Assert.Equal(SwarmErrorCode.NotFound, Fails(tx => tx.Update(Make.Service("a", "one"))).Code);

    [Fact]
    public void Remove_Unknown_IsNotFound() => Assert.Equal(SwarmErrorCode.NotFound, Fails(tx => tx.Remove<Service>("a")).Code);

    [Fact]
    public void Update_ToATakenName_IsRefused_ToAFreedOneFine()
    {
        Do(tx => tx.Create(Make.Service("a", "one")));
        Do(tx => tx.Create(Make.Service("b", "two")));
        static Service Renamed(Service s, string name) => s.WithSpec(Make.Service("", name).Spec);

        Assert.Equal(SwarmErrorCode.AlreadyExists, Fails(tx => tx.Update(Renamed(tx.Get<Service>("b")!, "ONE"))).Code);
        Do(tx => tx.Update(Renamed(tx.Get<Service>("b")!, "Two")));
        Do(tx => tx.Remove<Service>("a"));
        Do(tx => tx.Update(Renamed(tx.Get<Service>("b")!, "One")));

        Assert.Equal("b", _world.Writer.Committed.GetByName<Service>("oNE")?.Id);
        Assert.Null(_world.Writer.Committed.GetByName<Service>("two"));
    }

    [Fact]
    public void Resource_WithoutItsExtension_IsRefused()
    {
        SwarmException e = Fails(tx => tx.Create(Make.Named(ObjectKind.Resource, "r", "one")));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("no extension named thing exists", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extension_WithResources_KeepsItsPlaceAndName()
    {
        Do(tx => tx.Create(Make.Named(ObjectKind.Extension, "x", "Thing")));
        Do(tx => tx.Create(Make.Named(ObjectKind.Resource, "r", "one")));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, Fails(tx => tx.Remove<Extension>("x")).Code);
        Assert.Equal(
            SwarmErrorCode.FailedPrecondition,
            Fails(tx => tx.Update(tx.Get<Extension>("x")!.WithAnnotations(new Annotations { Name = "other" }))).Code);
        Do(tx => tx.Update(tx.Get<Extension>("x")!.WithDescription("text")));
        Do(tx => tx.Remove<Resource>("r"));
        Do(tx => tx.Remove<Extension>("x"));

        Assert.Equal(0, _world.Writer.Committed.Count<Extension>());
    }

    [Fact]
    public void Get_OfAMessageThatIsNoObject_SaysSo() =>
        Assert.Throws<ArgumentException>(() => _world.Writer.Committed.Get<IStoreObject>("a"));

    private Task Submit(Action<IStoreTransaction> write)
    {
        Task task = _world.Writer.SubmitAsync("test", write);
        _world.Settle();
        return task;
    }

    private void Do(Action<IStoreTransaction> write)
    {
        _world.Settle();
        Task task = Submit(write);
        Assert.True(task.IsCompletedSuccessfully, task.Exception?.InnerException?.Message ?? task.Status.ToString());
    }

    private SwarmException Fails(Action<IStoreTransaction> write)
    {
        _world.Settle();
        return Assert.IsType<SwarmException>(Submit(write).Exception?.InnerException);
    }
}
