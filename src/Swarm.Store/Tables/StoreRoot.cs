// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tables;

/// <summary>One state of the whole store: ten tables. Editable by the owner that made it, frozen for everybody else.</summary>
internal sealed class StoreRoot
{
    private readonly object? _owner;
    private readonly TableState[] _tables;

    private StoreRoot(object? owner, TableState[] tables)
    {
        _owner = owner;
        _tables = tables;
    }

    public static StoreRoot Empty { get; } = new(null, [.. TableSchema.All.Select(s => new TableState(s))]);

    public TableState Table(ObjectKind kind) => _tables[(int)kind];

    public IStoreObject? Find(ObjectKind kind, string id) => _tables[(int)kind].Find(id);

    public StoreRoot Editable(object owner) => ReferenceEquals(_owner, owner) ? this : new(owner, [.. _tables]);

    /// <summary>Only on a root that the owner made.</summary>
    public TableState EditableTable(ObjectKind kind, object owner) => _tables[(int)kind] = _tables[(int)kind].Editable(owner);
}
