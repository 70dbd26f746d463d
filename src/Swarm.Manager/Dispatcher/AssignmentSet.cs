// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// What one node was told of its tasks, secrets and configs, and which of them may be out of date. A change only marks an
/// object; the difference is taken against the newest state when there is room to send it. So a slow reader costs at most one mark
/// per object, however much happens meanwhile. Not thread-safe.
/// </summary>
internal sealed class AssignmentSet(string nodeId)
{
    private readonly Dictionary<string, Api.Task> _sentTasks = new(StringComparer.Ordinal);
    private readonly Dictionary<DependencyKey, IMessage> _sentDependencies = [];
    private readonly Dictionary<string, IReadOnlyList<DependencyKey>> _needs = new(StringComparer.Ordinal);
    private readonly Dictionary<DependencyKey, int> _users = [];
    private readonly MarkedSet<string> _markedTasks = new();
    private readonly MarkedSet<DependencyKey> _markedDependencies = new();

    /// <summary>Objects that may be out of date.</summary>
    public int MarkedCount => _markedTasks.Count + _markedDependencies.Count;

    /// <summary>Says that a task of this node, or one that was, may have changed.</summary>
    public void MarkTask(string taskId) => _markedTasks.Add(taskId);

    /// <summary>Says that a secret or config may have changed.</summary>
    public void MarkDependency(DependencyKey key)
    {
        if (_users.ContainsKey(key))
        {
            _markedDependencies.Add(key);
        }
    }

    /// <summary>Marks whatever could differ from a state: for the first message, or when changes were missed.</summary>
    public void MarkAll(IStoreReader view)
    {
        foreach (string id in _sentTasks.Keys.Order(StringComparer.Ordinal))
        {
            _markedTasks.Add(id);
        }

        foreach (Api.Task task in view.TasksByNode(nodeId))
        {
            _markedTasks.Add(task.Id);
        }

        foreach (DependencyKey key in _users.Keys.OrderBy(key => key.Kind).ThenBy(key => key.Id, StringComparer.Ordinal))
        {
            _markedDependencies.Add(key);
        }
    }

    /// <summary>
    /// Takes the next changes to send: secrets and configs before the tasks that need them, and out again after the last of these.
    /// What does not fit stays marked.
    /// </summary>
    /// <param name="view">The newest state.</param>
    /// <param name="maxBytes">Where to cut. At least one change is taken.</param>
    /// <param name="complete">
    /// Whether these are the changes of a first message. A node stops the tasks that such a message leaves out, so it holds all tasks the
    /// node may be working on, and what those need that do not run yet, even if that is more than <paramref name="maxBytes"/>.
    /// </param>
    public List<AssignmentChange> Take(IStoreReader view, int maxBytes, bool complete)
    {
        CountUsers(view);
        var page = new Page(maxBytes);
        if (complete)
        {
            TakeWhatRuns(view, page);
        }

        TakeDependencies(view, page);
        _markedTasks.RemoveWhere(id => page.HasRoom && TakeTask(view, id, page, force: false));
        _markedDependencies.RemoveWhere(key => page.HasRoom && TakeUnused(key, page));
        return complete ? [.. page.Changes.OrderBy(change => change.Assignment.ItemCase == Assignment.ItemOneofCase.Task)] : page.Changes;
    }

    private void CountUsers(IStoreReader view)
    {
        foreach (string id in _markedTasks)
        {
            Api.Task? task = view.Get<Api.Task>(id);
            IReadOnlyList<DependencyKey> now =
                TaskAssignments.IsSentTo(task, nodeId) && TaskAssignments.NeedsDependencies(task!)
                    ? TaskAssignments.Dependencies(task!)
                    : [];
            IReadOnlyList<DependencyKey> before = _needs.GetValueOrDefault(id, []);
            foreach (DependencyKey key in now)
            {
                int users = _users.GetValueOrDefault(key);
                _users[key] = users + 1;
                if (users == 0)
                {
                    _markedDependencies.Add(key);
                }
            }

            foreach (DependencyKey key in before)
            {
                int users = _users[key] - 1;
                _users[key] = users;
                if (users == 0)
                {
                    _users.Remove(key);
                    _markedDependencies.Add(key);
                }
            }

            if (now.Count == 0)
            {
                _needs.Remove(id);
            }
            else
            {
                _needs[id] = now;
            }
        }
    }

    private void TakeWhatRuns(IStoreReader view, Page page)
    {
        var running = new List<string>();
        foreach (string id in _markedTasks)
        {
            if (view.Get<Api.Task>(id) is { } task && TaskAssignments.IsSentTo(task, nodeId)
                && task.ObservedState() is >= TaskState.Accepted and <= TaskState.Running)
            {
                running.Add(id);
                foreach (DependencyKey key in task.ObservedState() < TaskState.Running ? _needs.GetValueOrDefault(id, []) : [])
                {
                    TakeDependency(view, key, page, force: true);
                }
            }
        }

        foreach (string id in running)
        {
            TakeTask(view, id, page, force: true);
        }
    }

    private void TakeDependencies(IStoreReader view, Page page) =>
        _markedDependencies.RemoveWhere(key => _users.ContainsKey(key) && page.HasRoom && TakeDependency(view, key, page, force: false));

    // True when nothing is left to say about it.
    private bool TakeDependency(IStoreReader view, DependencyKey key, Page page, bool force)
    {
        IMessage? current = key.Kind == ResourceType.Secret ? view.Get<Secret>(key.Id) : view.Get<Config>(key.Id);
        IMessage? sent = _sentDependencies.GetValueOrDefault(key);
        if (ReferenceEquals(current, sent) || (current is not null && sent is not null && SameContent(current, sent)))
        {
            return true;
        }

        AssignmentChange change = current is null
            ? Change(Item(key), AssignmentChange.Types.AssignmentAction.Remove)
            : Change(Item(current), AssignmentChange.Types.AssignmentAction.Update);
        if (!page.TryAdd(change, force))
        {
            return false;
        }

        if (current is null)
        {
            _sentDependencies.Remove(key);
        }
        else
        {
            _sentDependencies[key] = current;
        }

        return true;
    }

    private bool TakeUnused(DependencyKey key, Page page)
    {
        if (_users.ContainsKey(key))
        {
            return false;
        }

        if (_sentDependencies.ContainsKey(key))
        {
            if (!page.TryAdd(Change(Item(key), AssignmentChange.Types.AssignmentAction.Remove), force: false))
            {
                return false;
            }

            _sentDependencies.Remove(key);
        }

        return true;
    }

    private bool TakeTask(IStoreReader view, string id, Page page, bool force)
    {
        Api.Task? current = view.Get<Api.Task>(id);
        if (!TaskAssignments.IsSentTo(current, nodeId))
        {
            if (_sentTasks.ContainsKey(id))
            {
                var gone = new Assignment { Task = new Api.Task { Id = id } };
                if (!page.TryAdd(Change(gone, AssignmentChange.Types.AssignmentAction.Remove), force))
                {
                    return false;
                }

                _sentTasks.Remove(id);
            }

            return true;
        }

        if (_sentTasks.TryGetValue(id, out Api.Task? sent) && TaskAssignments.SameForNode(sent, current!))
        {
            return true;
        }

        if (!page.TryAdd(Change(new Assignment { Task = current }, AssignmentChange.Types.AssignmentAction.Update), force))
        {
            return false;
        }

        _sentTasks[id] = current!;
        return true;
    }

    private static bool SameContent(IMessage a, IMessage b) => (a, b) switch
    {
        (Secret x, Secret y) => Equals(x.Spec, y.Spec) && x.Internal == y.Internal,
        (Config x, Config y) => Equals(x.Spec, y.Spec),
        _ => false,
    };

    private static Assignment Item(IMessage dependency) =>
        dependency is Secret secret ? new Assignment { Secret = secret } : new Assignment { Config = (Config)dependency };

    private static Assignment Item(DependencyKey key) =>
        key.Kind == ResourceType.Secret
            ? new Assignment { Secret = new Secret { Id = key.Id } }
            : new Assignment { Config = new Config { Id = key.Id } };

    private static AssignmentChange Change(Assignment assignment, AssignmentChange.Types.AssignmentAction action) =>
        new() { Assignment = assignment, Action = action };

    private sealed class Page(int maxBytes)
    {
        // Tag and length of one change inside the message, at most.
        private const int ChangeOverhead = 6;

        private int _bytes;

        public List<AssignmentChange> Changes { get; } = [];

        public bool HasRoom { get; private set; } = true;

        public bool TryAdd(AssignmentChange change, bool force)
        {
            int size = change.CalculateSize() + ChangeOverhead;
            if (!force && Changes.Count > 0 && _bytes + size > maxBytes)
            {
                HasRoom = false;
                return false;
            }

            Changes.Add(change);
            _bytes += size;
            return true;
        }
    }
}
