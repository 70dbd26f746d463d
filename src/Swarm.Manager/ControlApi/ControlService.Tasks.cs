// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Orchestration;
using Swarm.Store;

namespace Swarm.Manager;

/// <content>Tasks.</content>
public sealed partial class ControlService
{
    private const string TaskKind = "task";

    /// <inheritdoc/>
    public override Task<GetTaskResponse> GetTask(GetTaskRequest request, ServerCallContext context) =>
        Answer(new GetTaskResponse { Task = Read<Api.Task>(State, TaskKind, request.TaskId) });

    /// <inheritdoc/>
    public override Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context)
    {
        ListTasksRequest.Types.Filters filters = request.Filters ?? new();
        StoreView state = State;
        IEnumerable<Api.Task> tasks = TaskCandidates(state, filters).Where(t =>
            ListFilter.Is(TaskNaming.Name(t), filters.Names)
            && ListFilter.StartsWith(TaskNaming.Name(t), filters.NamePrefixes)
            && ListFilter.StartsWith(t.Id, filters.IdPrefixes)
            && ListFilter.HasLabels(t.ServiceAnnotations?.Labels, filters.Labels)
            && ListFilter.Is(t.ServiceId, filters.ServiceIds)
            && ListFilter.Is(t.NodeId, filters.NodeIds)
            && ListFilter.Is(t.DesiredState, filters.DesiredStates)
            && ListFilter.Is(ListFilter.RuntimeName(t.Spec), filters.Runtimes)
            && (!filters.UpToDate || IsUpToDate(state, t)));
        return Bounded(new ListTasksResponse { Tasks = { tasks } });
    }

    /// <inheritdoc/>
    public override Task<RemoveTaskResponse> RemoveTask(RemoveTaskRequest request, ServerCallContext context)
    {
        ControlRules.ObjectId.Require(request.TaskId.Length > 0, TaskKind);
        return WriteAsync<RemoveTaskResponse>("RemoveTask", context, tx =>
        {
            tx.Remove<Api.Task>(Read<Api.Task>(tx, TaskKind, request.TaskId).Id);
            return static _ => new RemoveTaskResponse();
        });
    }

    // The smallest set that an index gives; the filters then hold it to the rest.
    private static IEnumerable<Api.Task> TaskCandidates(IStoreReader state, ListTasksRequest.Types.Filters filters)
    {
        if (filters.ServiceIds.Count > 0)
        {
            return ListFilter.InOrder(filters.ServiceIds.SelectMany(state.TasksByService));
        }

        return filters.NodeIds.Count > 0
            ? ListFilter.InOrder(filters.NodeIds.SelectMany(state.TasksByNode))
            : ListFilter.ByIdPrefixes<Api.Task>(state, filters.IdPrefixes);
    }

    private static bool IsUpToDate(IStoreReader state, Api.Task task) =>
        state.Get<Service>(task.ServiceId) is { } service
        && TaskFreshness.IsUpToDate(task, service, task.NodeId.Length > 0 ? state.Get<Node>(task.NodeId) : null);
}
