// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Testing;

/// <summary>
/// Watches what a manager commits, entry by entry, and says when a rule is broken that must hold at every moment, not only at the end:
/// states of tasks never go back; a task stays in its slot and, once placed, on its node; no slot has two tasks that should run; versions
/// are those of their entries; what a reply said is what was committed. Not thread-safe. For services that update stop-first.
/// </summary>
public sealed class ClusterHistoryChecker : IDisposable
{
    private const int Kept = 1000;
    private readonly FeedReader _feed;
    private readonly Dictionary<(string Id, ulong Version), Service> _services = [];
    private readonly Queue<(string Id, ulong Version)> _order = [];

    /// <summary>Begins to watch.</summary>
    /// <param name="writer">The writer of the manager.</param>
    /// <param name="capacity">Entries that may wait between two calls of <see cref="Check"/>; more is an error.</param>
    public ClusterHistoryChecker(StoreWriter writer, int capacity = 100_000)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _feed = writer.Feed.Subscribe(capacity);

        // The first item is the state as it is now; what follows are changes.
        while (_feed.TryRead(out _))
        {
            // Nothing of it is judged.
        }
    }

    /// <summary>Changes seen so far.</summary>
    public long Changes { get; private set; }

    /// <summary>Tasks made so far.</summary>
    public long TasksMade { get; private set; }

    /// <summary>Looks at everything committed since the last call.</summary>
    /// <exception cref="InvalidOperationException">A rule was broken; the text says which, where.</exception>
    public void Check()
    {
        while (_feed.TryRead(out FeedItem? item))
        {
            Require(!item.IsReset, $"index {item.Index}: too much was committed between two checks");
            foreach (StoreChange change in item.Changes)
            {
                Changes++;
                CheckChange(item, change);
            }
        }
    }

    /// <summary>Looks at an answer: the object it carries must have been committed just so.</summary>
    /// <param name="reply">The service as a call returned it.</param>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public void CheckReply(Service reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        Check();
        ulong version = reply.Meta.Version.Index;
        Require(
            _services.TryGetValue((reply.Id, version), out Service? committed),
            $"a reply carried service {reply.Id} at version {version}, which was never committed");
        Require(reply.Equals(committed), $"a reply carried service {reply.Id} at version {version} with another content than was committed");
    }

    /// <inheritdoc/>
    public void Dispose() => _feed.Dispose();

    private static void Require([DoesNotReturnIf(false)] bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidOperationException(message);
        }
    }

    private void CheckChange(FeedItem item, StoreChange change)
    {
        if (change.New is { } made)
        {
            Require(
                made.Meta!.Version.Index == item.Index && (change.Old?.Meta?.Version.Index ?? 0) <= item.Index,
                $"index {item.Index}: {made.Kind} {made.Id} has version {made.Meta.Version.Index}");
        }

        switch (change.New)
        {
            case Service service:
                Remember(service);
                break;
            case Api.Task task when change.Old is Api.Task before:
                CheckStep(item.Index, before, task);
                CheckSlot(item, task);
                break;
            case Api.Task task:
                TasksMade++;
                CheckSlot(item, task);
                break;
        }
    }

    private void Remember(Service service)
    {
        var key = (service.Id, service.Meta.Version.Index);
        _services[key] = service;
        _order.Enqueue(key);
        if (_order.Count > Kept)
        {
            _services.Remove(_order.Dequeue());
        }
    }

    private static void CheckStep(ulong index, Api.Task before, Api.Task after)
    {
        string name = $"index {index}: task {after.Id}";
        Require(after.ObservedState() >= before.ObservedState(), $"{name} went back from {before.ObservedState()} to {after.ObservedState()}");
        Require(after.DesiredState >= before.DesiredState, $"{name}: the desired state went back from {before.DesiredState} to {after.DesiredState}");
        Require(after.ServiceId == before.ServiceId && after.Slot == before.Slot, $"{name} moved from slot {before.Slot} to {after.Slot}");
        Require(before.NodeId.Length == 0 || after.NodeId == before.NodeId, $"{name} moved from node {before.NodeId} to {after.NodeId}");
        Require(
            after.ObservedState() < TaskState.Assigned || after.ObservedState().IsTerminal() || after.NodeId.Length > 0,
            $"{name} is {after.ObservedState()} on no node");
    }

    private static void CheckSlot(FeedItem item, Api.Task task)
    {
        if (task.ServiceId.Length == 0 || task.DesiredState > TaskState.Running)
        {
            return;
        }

        if (task.Slot == 0)
        {
            int onNode = item.View.TasksByServiceAndNode(task.ServiceId, task.NodeId).Count(t => t.Slot == 0 && IsWanted(t));
            Require(onNode <= 1, $"index {item.Index}: node {task.NodeId} has {onNode} tasks of the global service {task.ServiceId} that should run");
            return;
        }

        int alive = item.View.TasksBySlot(task.ServiceId, task.Slot).Count(IsWanted);
        Require(alive <= 1, $"index {item.Index}: slot {task.Slot} of service {task.ServiceId} has {alive} tasks that should run");
    }

    private static bool IsWanted(Api.Task task) => task.DesiredState <= TaskState.Running && !task.ObservedState().IsTerminal();
}
