// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Slots;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Deletes tasks that nobody needs: those to be removed once they have stopped, lost ones without a service, and in each slot
/// the oldest beyond the history that the cluster keeps. Not thread-safe, as any controller.
/// </summary>
public sealed class TaskReaper : IController
{
    private readonly OrchestrationOptions _options;
    private readonly WorkQueue<string> _done = new();
    private readonly WorkQueue<SlotAddress> _slots = new();
    private long? _limit;

    /// <summary>Makes a reaper.</summary>
    /// <param name="options">What holds where the cluster says nothing; the defaults when left out.</param>
    public TaskReaper(OrchestrationOptions? options = null)
    {
        _options = options ?? new OrchestrationOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public string Name => "reaper";

    /// <inheritdoc/>
    public void Begin(IControllerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        _limit = LimitOf(start.Head);
        start.ForEach<Api.Task>(task => Note(task, start.Head));
    }

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (change.New is Api.Task task)
        {
            Note(task, head, change.Action == ChangeAction.Create);
        }
        else if (change.New is Service service)
        {
            // The attempts of its restart policy may have become fewer.
            if (change.Old is not Service before || MaxAttempts(before) > MaxAttempts(service))
            {
                NoteAll(head.TasksByService(service.Id), head);
            }
        }
        else if (change.New is Cluster && LimitOf(head) is var limit && limit != _limit)
        {
            _limit = limit;
            NoteAll(head.All<Api.Task>(), head);
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        while (_done.TryPeek(out string? id))
        {
            if (turn.Head.Get<Api.Task>(id) is { } task && IsDone(task, turn.Head) && !turn.TryAtomOrSkip(task, tx => tx.Remove<Api.Task>(id)))
            {
                return true;
            }

            _done.TryTake(out _);
        }

        while (_slots.TryPeek(out SlotAddress slot))
        {
            foreach (Api.Task old in Excess(slot, turn.Head))
            {
                if (!turn.TryAtomOrSkip(old, tx => tx.Remove<Api.Task>(old.Id)))
                {
                    return true;
                }
            }

            _slots.TryTake(out _);
        }

        return false;
    }

    private static bool IsDone(Api.Task task, IStoreReader head)
    {
        TaskState state = task.ObservedState();
        return task.DesiredState == TaskState.Remove
            ? state is < TaskState.Assigned or >= TaskState.Complete
            : state == TaskState.Orphaned && (task.ServiceId.Length == 0 || head.Get<Service>(task.ServiceId) is null);
    }

    // It stopped, or it will never run: no agent has it and it is not wanted.
    private static bool IsHistory(Api.Task task) =>
        task.DesiredState > TaskState.Running && task.ObservedState() is < TaskState.Assigned or >= TaskState.Complete;

    private static ulong MaxAttempts(Service service) => service.Spec?.Task?.Restart?.MaxAttempts ?? 0;

    private static bool RunsOn(Service service) =>
        service.Spec?.ModeCase is ServiceSpec.ModeOneofCase.Replicated or ServiceSpec.ModeOneofCase.Global;

    private long LimitOf(IStoreReader head) =>
        head.GetByName<Cluster>(SwarmDefaults.ClusterName)?.Spec?.Orchestration?.TaskHistoryRetentionLimit
        ?? _options.TaskHistoryRetentionLimit;

    private void NoteAll(IEnumerable<Api.Task> tasks, IStoreReader head)
    {
        foreach (Api.Task task in tasks)
        {
            Note(task, head);
        }
    }

    private void Note(Api.Task task, IStoreReader head, bool isNew = false)
    {
        if (IsDone(task, head))
        {
            _done.Add(task.Id);
        }
        else if (task.ServiceId.Length > 0 && (isNew || task.DesiredState > TaskState.Running))
        {
            _slots.Add(new SlotAddress(task.ServiceId, SlotKey.Of(task)));
        }
    }

    private List<Api.Task> Excess(SlotAddress address, IStoreReader head)
    {
        if (_limit is null or < 0 || head.Get<Service>(address.ServiceId) is not { } service || !RunsOn(service))
        {
            return [];
        }

        // The youngest task always stays: it tells whether the slot is done or free.
        ulong attempts = MaxAttempts(service);
        long keep = attempts > 0 ? (long)Math.Min(attempts, long.MaxValue - 1) + 1 : Math.Max(_limit.Value, 1);
        IEnumerable<Api.Task> tasks = address.Key.Slot != 0
            ? head.TasksBySlot(address.ServiceId, address.Key.Slot)
            : head.TasksByServiceAndNode(address.ServiceId, address.Key.NodeId);
        SlotTasks slot = new(tasks);
        return
        [
            .. slot.All
                .Where(t => t.Id != slot.Newest?.Id && IsHistory(t))
                .Take((int)Math.Clamp(slot.All.Count - keep, 0, int.MaxValue)),
        ];
    }
}
