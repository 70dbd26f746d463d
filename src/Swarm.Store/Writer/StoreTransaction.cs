// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tables;

namespace Swarm.Store.Writer;

/// <summary>
/// Head, and the atom that runs on it. An atom starts from a frozen root, so taking it back is going back to that root.
/// </summary>
internal sealed class StoreTransaction : StoreReader, IStoreTransaction
{
    private readonly RootEditor _editor;
    private readonly MutationGuard? _guard;
    private readonly ChangeRecorder _changes = new();
    private StoreRoot _saved;
    private bool _running;
    private bool _entryHasAtoms;
    private Api.Version _version = new();
    private Timestamp _now = new();
    private SeededRandom _random = new(0);
    private SeededIdSource _ids;

    public StoreTransaction(StoreView start, MutationGuard? guard)
    {
        _editor = new(start.Root);
        _saved = start.Root;
        _guard = guard;
        _ids = new(_random);
        BeginEntry(start.Index + 1);
    }

    public override ulong Index => _entryHasAtoms || _changes.Count > 0 ? EntryIndex : EntryIndex - 1;

    public ulong EntryIndex { get; private set; }

    public Timestamp Now => Running()._now;

    public SeededRandom Random => Running()._random;

    public IIdSource Ids => Running()._ids;

    private protected override StoreRoot Current => _editor.Current;

    /// <summary>What is written from here on belongs to another entry.</summary>
    /// <returns>The state that the entry before leaves.</returns>
    public StoreRoot BeginEntry(ulong index)
    {
        EntryIndex = index;
        _version = new() { Index = index };
        _entryHasAtoms = false;
        return _editor.Freeze();
    }

    public void BeginAtom(Timestamp now, SeededRandom random)
    {
        if (_running)
        {
            throw new InvalidOperationException("An atom runs already; atoms do not nest.");
        }

        _saved = _editor.Freeze();
        _now = now;
        _random = random;
        _ids = new(random);
        _running = true;
    }

    /// <summary>Ends the atom.</summary>
    /// <returns>Its changes; take them with <see cref="KeepAtom"/> or leave nothing behind with <see cref="DropAtom"/>.</returns>
    public IReadOnlyList<StoreChange> EndAtom()
    {
        _running = false;
        return _changes.Take();
    }

    public void KeepAtom(IReadOnlyList<StoreChange> changes)
    {
        _entryHasAtoms = true;
        foreach (StoreChange change in changes)
        {
            _guard?.Observe(change);
        }
    }

    public void DropAtom()
    {
        _running = false;
        _changes.Take();
        _editor.Restore(_saved);
    }

    public void Create<T>(T o)
        where T : class, IStoreObject
    {
        ArgumentNullException.ThrowIfNull(o);
        Running();
        StoreRules.CheckCreate(_editor.Current, o);
        Meta meta = (o.Meta ?? new()).ShallowCopy();
        meta.Version = _version;
        meta.CreatedAt = _now;
        meta.UpdatedAt = _now;
        Put(ChangeAction.Create, null, o.WithMeta(meta));
    }

    public void Update<T>(T o)
        where T : class, IStoreObject
    {
        ArgumentNullException.ThrowIfNull(o);
        Running();
        IStoreObject old = StoreRules.Stored(_editor.Current, o.Kind, o.Id);
        CheckSequence(old, o);
        StoreRules.CheckUpdate(_editor.Current, o);
        if (old is Extension extension && !StoreRules.SamePlace(old, o))
        {
            StoreRules.CheckNotInUse(this, extension);
        }

        Meta meta = old.Meta!.ShallowCopy();
        meta.Version = _version;
        meta.UpdatedAt = _now;
        Put(ChangeAction.Update, old, o.WithMeta(meta));
    }

    public void Remove<T>(string id)
        where T : class, IStoreObject
    {
        Running();
        IStoreObject old = StoreRules.Stored(_editor.Current, ObjectKinds.Of<T>(), id);
        if (old is Extension extension)
        {
            StoreRules.CheckNotInUse(this, extension);
        }

        Put(ChangeAction.Remove, old, null);
    }

    private protected override StoreRoot Freeze() => _editor.Freeze();

    // Within one entry all versions are the same, so there the stamp itself tells whether the writer knows the last write.
    private void CheckSequence(IStoreObject old, IStoreObject o)
    {
        ulong stored = old.Meta?.Version?.Index ?? 0;
        if (o.Meta is null || (o.Meta.Version?.Index ?? 0) != stored || (stored == EntryIndex && !ReferenceEquals(o.Meta, old.Meta)))
        {
            throw new SwarmException(SwarmErrorCode.OutOfSequence, "update out of sequence");
        }
    }

    private void Put(ChangeAction action, IStoreObject? old, IStoreObject? @new)
    {
        _editor.Put(old, @new);
        _changes.Add(new(action, old, @new));
    }

    private StoreTransaction Running() => _running
        ? this
        : throw new InvalidOperationException("This is only possible while an atom or command runs; write through TryAtom or SubmitAsync.");
}
