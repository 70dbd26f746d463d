// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Client;

/// <summary>Tasks: the pieces of work that services are made of. Thread-safe.</summary>
public sealed class TaskOperations
{
    private readonly ApiCalls _calls;

    internal TaskOperations(ApiCalls calls) => _calls = calls;

    /// <summary>Gets a task.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or the call failed.</exception>
    public async Task<Api.Task> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.GetTaskAsync(
            new GetTaskRequest { TaskId = id }, cancellationToken: cancellationToken))).Task;

    /// <summary>Finds the task that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, or more than one.</exception>
    public Task<Api.Task> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "task",
        reference,
        id => GetAsync(id, cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists tasks.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The tasks by id.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Api.Task>> ListAsync(
        ListTasksRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Api.Task>(
            async prefix =>
            {
                ListTasksRequest.Types.Filters asked = filters ?? new();
                var request = new ListTasksRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListTasksAsync(request, cancellationToken: cancellationToken))).Tasks;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Removes a task.</summary>
    /// <param name="id">The task.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Ends when it is removed.</returns>
    /// <exception cref="Swarm.Core.SwarmException">There is none, it is in use, or the call failed.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) => ApiCalls.CallAsync(
        _calls.Control.RemoveTaskAsync(new RemoveTaskRequest { TaskId = id }, cancellationToken: cancellationToken));
}
