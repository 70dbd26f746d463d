// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tables;

/// <summary>Makes new roots from old ones. What was frozen never changes again; what came after is edited in place.</summary>
internal sealed class RootEditor
{
    private readonly IndexScratch _scratch = new();
    private object _token = new();
    private StoreRoot _root;

    public RootEditor(StoreRoot root) => _root = root;

    /// <summary>The state now; later writes may change it.</summary>
    public StoreRoot Current => _root;

    /// <summary>The state now; no write changes it.</summary>
    public StoreRoot Freeze()
    {
        _token = new();
        return _root;
    }

    /// <summary>Goes on from another state.</summary>
    /// <param name="root">Frozen.</param>
    public void Restore(StoreRoot root)
    {
        _token = new();
        _root = root;
    }

    public void Put(IStoreObject? old, IStoreObject? @new)
    {
        _root = _root.Editable(_token);
        _root.EditableTable((@new ?? old!).Kind, _token).Put(old, @new, _token, _scratch);
    }
}
