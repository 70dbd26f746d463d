// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager.Tests;

/// <summary>A small state that tests change by hand, with the changes since the last look.</summary>
internal sealed class TestState
{
    private readonly SortedDictionary<string, IStoreObject> _objects = new(StringComparer.Ordinal);
    private List<StoreChange> _changes = [];
    private ulong _index = 1;
    private StoreView? _view;

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public SeededRandom Random { get; } = new(1);

    public StoreView View => _view ??= StoreView.FromSnapshot(_index, Snapshot());

    public T Put<T>(T o)
        where T : class, IStoreObject
    {
        _index++;
        var meta = new Meta
        {
            Version = new Api.Version { Index = _index },
            CreatedAt = Timestamp.FromDateTimeOffset(Now),
            UpdatedAt = Timestamp.FromDateTimeOffset(Now),
        };
        var stored = (T)o.WithMeta(meta);
        string key = Key<T>(o.Id);
        _changes.Add(new StoreChange(
            _objects.TryGetValue(key, out IStoreObject? old) ? ChangeAction.Update : ChangeAction.Create, old, stored));
        _objects[key] = stored;
        _view = null;
        return stored;
    }

    public void Remove<T>(string id)
        where T : class, IStoreObject
    {
        if (_objects.Remove(Key<T>(id), out IStoreObject? old))
        {
            _index++;
            _changes.Add(new StoreChange(ChangeAction.Remove, old, null));
            _view = null;
        }
    }

    public T? Get<T>(string id)
        where T : class, IStoreObject => (T?)_objects.GetValueOrDefault(Key<T>(id));

    public IReadOnlyList<StoreChange> TakeChanges()
    {
        List<StoreChange> taken = _changes;
        _changes = [];
        return taken;
    }

    public void Apply(Action<IStoreTransaction> write) => write(new TestTransaction(this));

    private static string Key<T>(string id) => typeof(T).Name + "/" + id;

    private StoreSnapshot Snapshot()
    {
        var snapshot = new StoreSnapshot();
        foreach (IStoreObject o in _objects.Values)
        {
            switch (o)
            {
                case Node node: snapshot.Nodes.Add(node); break;
                case Service service: snapshot.Services.Add(service); break;
                case Api.Task task: snapshot.Tasks.Add(task); break;
                case Cluster cluster: snapshot.Clusters.Add(cluster); break;
                case Secret secret: snapshot.Secrets.Add(secret); break;
                case Config config: snapshot.Configs.Add(config); break;
            }
        }

        return snapshot;
    }
}
