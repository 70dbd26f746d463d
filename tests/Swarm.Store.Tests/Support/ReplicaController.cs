// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tests.Support;

/// <summary>
/// A small orchestrator: each service has tasks in the slots 1 … replicas, no others; a second after it was made a task is
/// marked running.
/// </summary>
internal sealed class ReplicaController : IController
{
    private readonly SortedSet<string> _dirty = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _start = new(StringComparer.Ordinal);

    public static readonly TimeSpan StartTime = TimeSpan.FromSeconds(1);

    public string Name => "replicas";

    public void Begin(IControllerStart start)
    {
        foreach (Service service in start.Head.All<Service>())
        {
            _dirty.Add(service.Id);
        }

        foreach (Api.Task task in start.Head.All<Api.Task>())
        {
            _dirty.Add(task.ServiceId);
            if (task.Status.State == TaskState.New)
            {
                start.SetTimer(task.Id, start.Now + StartTime);
            }
        }
    }

    public void Observe(in StoreChange change, IStoreReader head) =>
        _dirty.Add(change.Subject is Api.Task task ? task.ServiceId : change.Subject.Id);

    public bool Run(IControllerTurn turn)
    {
        _start.UnionWith(turn.DueTimers);
        foreach (string id in _start.ToArray())
        {
            if (turn.Head.Get<Api.Task>(id) is { } task
                && !turn.TryAtom(tx => tx.Update(task.WithStatus(new Api.TaskStatus { State = TaskState.Running }))))
            {
                return true;
            }

            _start.Remove(id);
        }

        foreach (string id in _dirty.ToArray())
        {
            if (!Level(turn, id))
            {
                return true;
            }

            _dirty.Remove(id);
        }

        return false;
    }

    private static bool Level(IControllerTurn turn, string serviceId)
    {
        ulong wanted = turn.Head.Get<Service>(serviceId)?.Spec.Replicated.Replicas ?? 0;
        var have = new HashSet<ulong>();
        foreach (Api.Task task in turn.Head.TasksByService(serviceId))
        {
            if ((task.Slot > wanted || !have.Add(task.Slot)) && !turn.TryAtom(tx => tx.Remove<Api.Task>(task.Id)))
            {
                return false;
            }
        }

        for (ulong slot = 1; slot <= wanted; slot++)
        {
            string id = "";
            ulong here = slot;
            if (have.Contains(slot))
            {
                continue;
            }

            if (!turn.TryAtom(tx =>
            {
                id = tx.Ids.NewId();
                tx.Create(Make.Task(id, serviceId, here));
            }))
            {
                return false;
            }

            turn.SetTimer(id, turn.Now + StartTime);
        }

        return true;
    }
}
