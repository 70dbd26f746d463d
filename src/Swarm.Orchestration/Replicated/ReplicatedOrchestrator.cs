// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Orchestration.Replicated;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Keeps as many tasks of each replicated service as it asks for, in slots from 1. A new replica takes the lowest free slot; a
/// task that ends, or whose node is down, drained or gone, is followed by another in the same slot as its restart policy
/// says; scaling down takes from the nodes with most copies first. Nothing that runs is ever moved for balance.
/// </summary>
/// <param name="options">Limits of waiting; the defaults when left out.</param>
public sealed class ReplicatedOrchestrator(OrchestrationOptions? options = null) : ServiceOrchestrator(options)
{
    /// <inheritdoc/>
    public override string Name => "replicated";

    private protected override bool Handles(Service service) => service.Spec?.ModeCase == ServiceSpec.ModeOneofCase.Replicated;

    private protected override IEnumerable<Api.Task> TasksOf(IStoreReader head, string serviceId, SlotKey key) =>
        head.TasksBySlot(serviceId, key.Slot);

    private protected override SlotStep Plan(ServiceEntry entry, SlotKey key, SlotTasks slot, IStoreReader head, DateTimeOffset now) =>
        SlotPlanner.Plan(entry.Service, key, slot, mayReplace: true, head, now, Options);

    private protected override IEnumerable<Action<IStoreTransaction>> Balance(ServiceEntry entry, IStoreReader head)
    {
        string service = entry.Service.Id;
        ulong wanted = entry.Service.Spec?.Replicated?.Replicas ?? 0;
        ulong taken = (ulong)entry.Taken.Count;
        ulong slot = 0;
        if (taken < wanted)
        {
            slot = entry.FirstFreeSlot();
            for (; taken < wanted; taken++, slot++)
            {
                while (entry.Taken.ContainsKey(SlotKey.Numbered(slot)))
                {
                    slot++;
                }

                SlotKey key = SlotKey.Numbered(slot);
                yield return tx => tx.CreateTask(service, key, TaskState.Running);
            }

            slot--;
        }

        // History of slots that nobody needs goes with them. Every free slot up to the last one filled has a task again.
        IEnumerable<SlotKey> left = entry.Left.Where(key => key.Slot > slot);
        foreach (SlotKey key in taken > wanted ? left.Concat(entry.Leaving(wanted)) : left)
        {
            foreach (Api.Task task in new SlotTasks(head.TasksBySlot(service, key.Slot)).All.Reverse())
            {
                yield return tx => tx.Want(task.Id, TaskState.Remove);
            }
        }
    }

    private protected override void TouchNode(string nodeId, IStoreReader head)
    {
        foreach (Api.Task task in head.TasksByNode(nodeId))
        {
            if (task.Slot != 0)
            {
                Touch(task.ServiceId, SlotKey.Of(task));
            }
        }
    }
}
