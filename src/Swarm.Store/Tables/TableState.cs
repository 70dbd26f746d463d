// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store.Trees;

namespace Swarm.Store.Tables;

/// <summary>The state of one table. Editable by the owner that made it, frozen for everybody else.</summary>
internal sealed class TableState
{
    private readonly object? _owner;
    private readonly Tree<IndexKey, NoValue>[] _indexes;

    public TableState(TableSchema schema)
    {
        Schema = schema;
        _indexes = new Tree<IndexKey, NoValue>[schema.Indexes.Count];
    }

    private TableState(TableState from, object owner)
    {
        _owner = owner;
        Schema = from.Schema;
        Objects = from.Objects;
        _indexes = [.. from._indexes];
    }

    public TableSchema Schema { get; }

    public Tree<IdKey, IStoreObject> Objects { get; private set; }

    public Tree<IndexKey, NoValue> Index(int index) => _indexes[index];

    public TableState Editable(object owner) => ReferenceEquals(_owner, owner) ? this : new(this, owner);

    public IStoreObject? Find(string id) => Objects.TryGet(new(id), out IStoreObject? o) ? o : null;

    /// <summary>The object with a name, of several the one with the least id.</summary>
    public IStoreObject? FindByName(string name)
    {
        string folded = TableSchema.Fold(name);
        foreach ((IndexKey key, _) in _indexes[TableSchema.ByName].From(new(folded, "")))
        {
            return key.First == folded ? Find(key.Id) : null;
        }

        return null;
    }

    /// <summary>Adds, replaces or (without a new one) takes away.</summary>
    public void Put(IStoreObject? old, IStoreObject? @new, object owner, IndexScratch scratch)
    {
        Objects = @new is not null ? Objects.Set(new(@new.Id), @new, owner) : Objects.Remove(new(old!.Id), owner);
        for (int i = 0; i < _indexes.Length; i++)
        {
            IndexDefinition definition = Schema.Indexes[i];
            if (old is not null && @new is not null && definition.SameKeys(old, @new))
            {
                continue;
            }

            if (scratch.Fill(definition, old, @new))
            {
                continue;
            }

            foreach (IndexKey key in scratch.Before)
            {
                _indexes[i] = _indexes[i].Remove(key, owner);
            }

            foreach (IndexKey key in scratch.After)
            {
                _indexes[i] = _indexes[i].Set(key, default, owner);
            }
        }
    }
}
