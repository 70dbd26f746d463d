// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Work;
using Swarm.Scheduler;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Passes new tasks on to the scheduler once they have what they need of networks: NEW → PENDING. A task that needs none
/// passes at once, with the ports that its service publishes on the task's own node. One that needs networks stays NEW and says so.
/// Not thread-safe, as any controller.
/// </summary>
public sealed class TaskAllocator : IController
{
    /// <summary>What the status of a task says that waits for a node.</summary>
    public const string PendingMessage = "pending task scheduling";

    /// <summary>What the status of a task says that waits for networks.</summary>
    public const string WaitingMessage = "waiting for networks: this manager has no allocator for networks and ingress ports";

    private readonly WorkQueue<string> _work = new();

    /// <inheritdoc/>
    public string Name => "allocator";

    /// <inheritdoc/>
    public void Begin(IControllerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.ForEach<Api.Task>(Note);
    }

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        if (change.New is Api.Task task)
        {
            Note(task);
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        while (_work.TryPeek(out string? id))
        {
            if (turn.Head.Get<Api.Task>(id) is { } task && NextStatus(task) is var (state, message) && !turn.TryAtomOrSkip(task, Write))
            {
                return true;
            }

            _work.TryTake(out _);

            void Write(IStoreTransaction tx) => tx.Update(WaitingReason.With(
                state == TaskState.New ? task : WithHostPorts(task), state == TaskState.New ? WaitingReason.Networks : "")
                .WithStatus(new Api.TaskStatus { State = state, Message = message, Timestamp = tx.Now }));
        }

        return false;
    }

    /// <summary>Whether a task cannot go to a node before networks have been set up for it.</summary>
    /// <param name="task">The task.</param>
    /// <returns>True if it joins networks or publishes ports through the ingress network.</returns>
    public static bool NeedsNetworks(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Spec is { Networks.Count: > 0 }
            || task.Spec?.RuntimeCase == TaskSpec.RuntimeOneofCase.Attachment
            || (task.Endpoint?.Spec?.Ports.Any(static p => p.PublishMode == PortConfig.Types.PublishMode.Ingress) ?? false);
    }

    private static (TaskState State, string Message)? NextStatus(Api.Task task)
    {
        if (!IsNew(task))
        {
            return null;
        }

        if (!NeedsNetworks(task))
        {
            return (TaskState.Pending, PendingMessage);
        }

        return task.Status?.Message == WaitingMessage ? null : (TaskState.New, WaitingMessage);
    }

    // What an executor publishes is what the task was given, not what its service asked for. A port on the task's own node is given as
    // it was asked for: the scheduler keeps those of one number apart, and 0 is left to the node.
    private static Api.Task WithHostPorts(Api.Task task)
    {
        PortConfig[] ports = [.. (task.Endpoint?.Spec?.Ports ?? []).Where(static p => p.PublishMode == PortConfig.Types.PublishMode.Host)];
        return ports.Length == 0 ? task : task.WithEndpoint(task.Endpoint!.WithPorts(ports));
    }

    // One that is to be stopped or removed needs nothing any more.
    private static bool IsNew(Api.Task task) =>
        task.ObservedState() == TaskState.New && task.DesiredState <= TaskState.Complete;

    private void Note(Api.Task task)
    {
        if (IsNew(task))
        {
            _work.Add(task.Id);
        }
    }
}
