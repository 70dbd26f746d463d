// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Restarts;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Keeps one task of each global service on each node that is ready, active and meets the constraints of the service. A node
/// that is drained, goes down or no longer fits loses its task; a paused one keeps it and gets nothing new. Tasks have their
/// node from the start.
/// </summary>
/// <param name="options">Limits of waiting; the defaults when left out.</param>
public sealed class GlobalOrchestrator(OrchestrationOptions? options = null) : ServiceOrchestrator(options)
{
    /// <inheritdoc/>
    public override string Name => "global";

    private protected override bool Handles(Service service) => service.Spec?.ModeCase == ServiceSpec.ModeOneofCase.Global;

    private protected override IEnumerable<SlotKey> Places(IStoreReader head) =>
        head.All<Node>().Select(static n => new SlotKey(0, n.Id));

    private protected override IEnumerable<Api.Task> TasksOf(IStoreReader head, string serviceId, SlotKey key) =>
        head.TasksByServiceAndNode(serviceId, key.NodeId);

    private protected override bool MayUpdate(ServiceEntry entry, SlotKey key, IStoreReader head) =>
        head.Get<Node>(key.NodeId) is { } node && NodeRules.IsOpen(node);

    private protected override void TouchNode(string nodeId, IStoreReader head) => TouchAll(new SlotKey(0, nodeId));

    private protected override SlotStep Plan(ServiceEntry entry, SlotKey key, SlotTasks slot, IStoreReader head, DateTimeOffset now)
    {
        Service service = entry.Service;
        if (head.Get<Node>(key.NodeId) is not { } node)
        {
            // No other node will ever have this id: what is left of the place goes as a whole.
            return End(slot.All, TaskState.Remove);
        }

        if (NodeRules.IsInvalid(node) || !NodeFit.Matches(service.Spec?.Task, node))
        {
            return End(slot.Runnable, TaskState.Shutdown);
        }

        bool open = NodeRules.IsOpen(node);
        SlotStep step = SlotPlanner.Plan(service, key, slot, mayReplace: open, head, now, Options);
        bool free = step.Info.Standing == SlotStanding.Empty
            || (step.Info.Standing == SlotStanding.Settled && !RestartSupervisor.EndedByItself(step.Main!));
        if (!free || !open)
        {
            return step;
        }

        // The node came, or came back. Only work that failed here before has to wait; what still stops here is waited for.
        bool failed = slot.Newest is { } newest && RestartSupervisor.EndedByItself(newest);
        TaskState desired = slot.Newest is null
            ? TaskState.Running
            : RestartSupervisor.FirstDesired(slot, service.Spec?.Task?.Restart, updated: !failed, head);
        return step with { Write = tx => tx.CreateTask(service.Id, key, desired) };
    }

    private static SlotStep End(IReadOnlyList<Api.Task> tasks, TaskState desired) =>
        tasks.Count == 0 ? SlotStep.Nothing : SlotStep.Nothing with { Write = tx => tx.Want(tasks[0].Id, desired) };
}
