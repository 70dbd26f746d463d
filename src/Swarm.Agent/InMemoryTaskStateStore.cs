// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Agent;

/// <summary>
/// A store that lasts as long as the object: for tests, simulations, and hosts whose tasks end with the process anyway. One
/// instance given to a second agent plays the disk that outlived a crash. Not thread-safe.
/// </summary>
public sealed class InMemoryTaskStateStore : ITaskStateStore
{
    private readonly SortedDictionary<string, StoredTask> _tasks = new(StringComparer.Ordinal);

    /// <summary>What is stored, ordered by task id.</summary>
    public IReadOnlyCollection<StoredTask> Tasks => _tasks.Values;

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredTask>> LoadAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredTask>>([.. _tasks.Values]);

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<TaskStateWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(writes);
        foreach (TaskStateWrite write in writes)
        {
            if (write.Value is null)
            {
                _tasks.Remove(write.TaskId);
            }
            else
            {
                _tasks[write.TaskId] = write.Value;
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
