// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tables;

namespace Swarm.Store;

/// <summary>A state of the store that never changes. Taking one is one pointer read; thread-safe.</summary>
public sealed class StoreView : StoreReader
{
    private readonly ulong _index;
    private readonly StoreRoot _root;

    internal StoreView(ulong index, StoreRoot root)
    {
        _index = index;
        _root = root;
    }

    /// <summary>The state before the first log entry.</summary>
    public static StoreView Empty { get; } = new(0, StoreRoot.Empty);

    /// <inheritdoc/>
    public override ulong Index => _index;

    internal StoreRoot Root => _root;

    private protected override StoreRoot Current => _root;

    /// <summary>Builds the state that a snapshot holds.</summary>
    /// <param name="index">Index of the last log entry in it.</param>
    /// <param name="snapshot">The snapshot; its objects are frozen from now on.</param>
    /// <returns>The state.</returns>
    /// <exception cref="SwarmException"><see cref="SwarmErrorCode.InvalidArgument"/>: the snapshot breaks a rule of the store.</exception>
    public static StoreView FromSnapshot(ulong index, StoreSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var editor = new RootEditor(StoreRoot.Empty);
        IEnumerable<IStoreObject> objects = Enumerable.Empty<IStoreObject>()
            .Concat(snapshot.Nodes).Concat(snapshot.Services).Concat(snapshot.Networks).Concat(snapshot.Tasks)
            .Concat(snapshot.Clusters).Concat(snapshot.Secrets).Concat(snapshot.Configs)
            .Concat(snapshot.Extensions).Concat(snapshot.Resources).Concat(snapshot.Volumes);
        foreach (IStoreObject o in objects)
        {
            try
            {
                StoreRules.CheckCreate(editor.Current, o);
            }
            catch (SwarmException e)
            {
                throw new SwarmException(
                    SwarmErrorCode.InvalidArgument, $"the snapshot at index {index} is not consistent: {e.Message}", e);
            }

            editor.Put(null, SpecSharing.Share(editor.Current, o));
        }

        return new(index, editor.Freeze());
    }

    /// <summary>All objects, as a snapshot holds them. They are shared with the store: serialise them, do not change them.</summary>
    /// <returns>A new message.</returns>
    public StoreSnapshot ToSnapshot()
    {
        var snapshot = new StoreSnapshot();
        snapshot.Nodes.AddRange(All<Node>());
        snapshot.Services.AddRange(All<Service>());
        snapshot.Networks.AddRange(All<Network>());
        snapshot.Tasks.AddRange(All<Api.Task>());
        snapshot.Clusters.AddRange(All<Cluster>());
        snapshot.Secrets.AddRange(All<Secret>());
        snapshot.Resources.AddRange(All<Resource>());
        snapshot.Extensions.AddRange(All<Extension>());
        snapshot.Configs.AddRange(All<Config>());
        snapshot.Volumes.AddRange(All<Volume>());
        return snapshot;
    }
}
