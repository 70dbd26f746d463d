// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Updates;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// What the orchestrators of services that run on have in common: they look at slots that something happened to, restart
/// what ended, update what is out of date, and let their kind say which slots there should be. Not thread-safe, as any controller.
/// </summary>
public abstract class ServiceOrchestrator : IController
{
    private const string TimerKey = "next";

    // Slots looked at in one turn. After a change of its spec all slots of a service are looked at, which writes nothing and so
    // takes nothing from the budget of writes.
    private const int LooksPerTurn = 10_000;

    // A write that was refused (it does not fit into a log entry, say) is tried again after this, and when anything changes.
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<string, ServiceEntry> _services = new(StringComparer.Ordinal);
    private readonly WorkQueue<string> _work = new();
    private readonly DueQueue<SlotAddress> _due = new();
    private DateTimeOffset? _timer;
    private int _looks;

    private protected ServiceOrchestrator(OrchestrationOptions? options)
    {
        Options = options ?? new OrchestrationOptions();
        Options.Validate();
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    private protected OrchestrationOptions Options { get; }

    /// <inheritdoc/>
    public void Begin(IControllerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.ForEach<Service>(Note);
    }

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        ArgumentNullException.ThrowIfNull(head);
        switch (change.Subject)
        {
            case Service service when change.Action == ChangeAction.Remove:
                _services.Remove(service.Id);
                break;
            case Service service:
                Note(service);
                break;
            case Api.Task task:
                Touch(task.ServiceId, SlotKey.Of(task));
                break;
            case Node node when NodeRules.Matters(change.Old as Node, change.New as Node):
                TouchNode(node.Id, head);
                break;
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        while (_due.TryTake(turn.Now, out SlotAddress address))
        {
            Touch(address.ServiceId, address.Key);
        }

        bool more = false;
        _looks = 0;
        while (!more && _work.TryPeek(out string? id))
        {
            if (!_services.TryGetValue(id, out ServiceEntry? entry) || SettleOrPause(turn, entry))
            {
                _work.TryTake(out _);
            }
            else
            {
                _work.Rotate();
                more = true;
            }
        }

        SetTimer(turn);
        return more;
    }

    private protected abstract bool Handles(Service service);

    /// <summary>Slots to look at though no task is in them yet.</summary>
    private protected virtual IEnumerable<SlotKey> Places(IStoreReader head) => [];

    private protected abstract IEnumerable<Api.Task> TasksOf(IStoreReader head, string serviceId, SlotKey key);

    /// <summary>What is to be done in a slot now.</summary>
    private protected abstract SlotStep Plan(ServiceEntry entry, SlotKey key, SlotTasks slot, IStoreReader head, DateTimeOffset now);

    /// <summary>Whether an update may replace the task of a slot now.</summary>
    private protected virtual bool MayUpdate(ServiceEntry entry, SlotKey key, IStoreReader head) => true;

    /// <summary>The writes that make the slots as many as there should be, one decision each.</summary>
    private protected virtual IEnumerable<Action<IStoreTransaction>> Balance(ServiceEntry entry, IStoreReader head) => [];

    /// <summary>Marks the slots that a change of a node can matter to.</summary>
    private protected abstract void TouchNode(string nodeId, IStoreReader head);

    private protected void Touch(string serviceId, SlotKey key)
    {
        if (!_services.TryGetValue(serviceId, out ServiceEntry? entry))
        {
            return;
        }

        if (key != default)
        {
            entry.Touched.Add(key);
        }

        _work.Add(serviceId);
    }

    private protected void TouchAll(SlotKey key)
    {
        foreach ((string id, ServiceEntry entry) in _services)
        {
            entry.Touched.Add(key);
            _work.Add(id);
        }
    }

    private void Note(Service service)
    {
        if (!Handles(service))
        {
            return;
        }

        _services.TryAdd(service.Id, new ServiceEntry(service));
        _work.Add(service.Id);
    }

    // A service whose writes are refused is that service's trouble: it is an alarm, and the others go on.
    private bool SettleOrPause(IControllerTurn turn, ServiceEntry entry)
    {
        try
        {
            return Settle(turn, entry);
        }
        catch (SwarmException e)
        {
            turn.Alarm(e);
            _due.Set(new SlotAddress(entry.Service.Id, default), turn.Now.After(RefusedPause));
            return true;
        }
        catch (Exception e) when (turn.LeaveOut(entry.Service, e))
        {
            return true;
        }
    }

    // Works on one service until there is nothing left to decide; false if the budget ran out before.
    private bool Settle(IControllerTurn turn, ServiceEntry entry)
    {
        while (Refresh(turn.Head, entry))
        {
            while (entry.Touched.Count > 0)
            {
                if (++_looks > LooksPerTurn || !SettleSlot(turn, entry, entry.Touched.Min))
                {
                    return false;
                }
            }

            bool wrote = false;
            foreach (Action<IStoreTransaction> write in Balance(entry, turn.Head))
            {
                if (!turn.TryAtom(write))
                {
                    return false;
                }

                wrote = true;
            }

            if (wrote)
            {
                continue;
            }

            Action<IStoreTransaction>? next = UpdateSupervisor.Next(
                entry, key => Slot(turn.Head, entry, key), turn.Head, turn.Now, out DateTimeOffset? due);
            _due.Set(new SlotAddress(entry.Service.Id, default), due);
            if (next is null)
            {
                return true;
            }

            if (!turn.TryAtom(next))
            {
                return false;
            }
        }

        return true;
    }

    private bool Refresh(IStoreReader head, ServiceEntry entry)
    {
        if (head.Get<Service>(entry.Service.Id) is not { } service)
        {
            return false;
        }

        if (entry.Refresh(service))
        {
            entry.Touched.UnionWith(head.TasksByService(service.Id).Select(SlotKey.Of));
            entry.Touched.UnionWith(Places(head));
            entry.Touched.Remove(default);
        }

        return true;
    }

    private bool SettleSlot(IControllerTurn turn, ServiceEntry entry, SlotKey key)
    {
        try
        {
            return TrySettleSlot(turn, entry, key);
        }
        catch (Exception e) when (e is not SwarmException && turn.LeaveOut(entry.Service, e))
        {
            // Taken, by whatever is there: nothing must be made in a slot that cannot be looked at.
            entry.Set(key, new SlotInfo(SlotStanding.Live, "", false), hasTasks: true);
            entry.Touched.Remove(key);
            return true;
        }
    }

    private bool TrySettleSlot(IControllerTurn turn, ServiceEntry entry, SlotKey key)
    {
        SlotTasks slot = Slot(turn.Head, entry, key);
        SlotStep step = Plan(entry, key, slot, turn.Head, turn.Now);
        if (step.Write is not null)
        {
            try
            {
                return turn.TryAtom(step.Write); // The slot stays marked and is looked at again.
            }
            catch (SwarmException e)
            {
                turn.Alarm(e);
                entry.Touched.Remove(key);
                entry.Set(key, step.Info, slot.All.Count > 0);
                _due.Set(new SlotAddress(entry.Service.Id, key), turn.Now.After(RefusedPause));
                return true;
            }
        }

        Api.Task? main = MayUpdate(entry, key, turn.Head) ? step.Main : null;
        DateTimeOffset? due = UpdateSupervisor.Look(entry, key, slot, main, turn.Head, turn.Now, Options);
        entry.Set(key, step.Info, slot.All.Count > 0);
        _due.Set(new SlotAddress(entry.Service.Id, key), due is null || step.Due < due ? step.Due ?? due : due);
        entry.Touched.Remove(key);
        return true;
    }

    private SlotTasks Slot(IStoreReader head, ServiceEntry entry, SlotKey key) => new(TasksOf(head, entry.Service.Id, key));

    private void SetTimer(IControllerTurn turn)
    {
        if (_due.Next is not { } next)
        {
            if (_timer is not null)
            {
                turn.CancelTimer(TimerKey);
            }

            _timer = null;
        }
        else if (_timer != next || turn.DueTimers.Count > 0)
        {
            turn.SetTimer(TimerKey, next);
            _timer = next;
        }
    }
}
