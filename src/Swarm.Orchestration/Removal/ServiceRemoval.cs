// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Ends the tasks of services that are gone: they are wanted no more (desired state REMOVE), whatever the mode of the service
/// was. The agents stop them, then the reaper deletes them. Not thread-safe, as any controller.
/// </summary>
public sealed class ServiceRemoval : IController
{
    private readonly WorkQueue<string> _work = new();

    /// <inheritdoc/>
    public string Name => "service-removal";

    /// <inheritdoc/>
    public void Begin(IControllerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.ForEach<Api.Task>(task => NoteOrphan(task, start.Head));
    }

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        if (change is { Action: ChangeAction.Remove, Old: Service service })
        {
            _work.Add(service.Id);
        }
        else if (change is { Action: ChangeAction.Create, New: Api.Task task })
        {
            NoteOrphan(task, head);
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        while (_work.TryPeek(out string? id))
        {
            if (!End(turn, id))
            {
                _work.Rotate();
                return true;
            }

            _work.TryTake(out _);
        }

        return false;
    }

    private static bool End(IControllerTurn turn, string serviceId)
    {
        if (turn.Head.Get<Service>(serviceId) is not null)
        {
            return true;
        }

        List<Api.Task> tasks = [.. turn.Head.TasksByService(serviceId).Where(static t => t.DesiredState < TaskState.Remove)];
        return tasks.TrueForAll(task => turn.TryAtomOrSkip(task, tx => tx.Want(task.Id, TaskState.Remove)));
    }

    private void NoteOrphan(Api.Task task, IStoreReader head)
    {
        if (task.ServiceId.Length > 0 && task.DesiredState < TaskState.Remove && head.Get<Service>(task.ServiceId) is null)
        {
            _work.Add(task.ServiceId);
        }
    }
}
