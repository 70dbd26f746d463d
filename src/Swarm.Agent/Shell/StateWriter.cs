// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Core;

namespace Swarm.Agent.Shell;

/// <summary>
/// Writes to the state store: what comes while a write is under way goes into the next one together, so many tasks that move at once
/// cost few syncs of the disk. A write that fails is made again until it succeeds: no task goes on past what is not on disk.
/// Belongs to the agent's mailbox.
/// </summary>
internal sealed partial class StateWriter(ITaskStateStore store, Mailbox mailbox, TimeSpan retryDelay, ILogger logger)
{
    private List<TaskStateWrite> _waiting = [];
    private TaskCompletionSource<bool> _done = NewDone();
    private bool _isRunning;
    private CancellationToken _stopping;

    /// <summary>Sets what ends the repeating of failed writes.</summary>
    /// <param name="stopping">Cancelled when the agent stops.</param>
    internal void Start(CancellationToken stopping) => _stopping = stopping;

    /// <summary>Writes one task.</summary>
    /// <param name="write">The write.</param>
    /// <returns>True when it is safe; false when the agent stopped before that.</returns>
    internal Task<bool> WriteAsync(TaskStateWrite write)
    {
        _waiting.Add(write);
        Task<bool> done = _done.Task;
        if (!_isRunning)
        {
            // In a turn of its own, so that all that this turn still brings goes along.
            _isRunning = true;
            mailbox.Post(Run);
        }

        return done;
    }

    private async void Run()
    {
        while (_waiting.Count > 0)
        {
            (List<TaskStateWrite> batch, TaskCompletionSource<bool> done) = (_waiting, _done);
            (_waiting, _done) = ([], NewDone());
            done.SetResult(await TryUntilWrittenAsync(batch));
        }

        _isRunning = false;
    }

    private async Task<bool> TryUntilWrittenAsync(List<TaskStateWrite> batch)
    {
        while (true)
        {
            try
            {
                await store.WriteAsync(batch, CancellationToken.None);
                return true;
            }
            catch (SwarmException e)
            {
                LogWriteFailed(logger, batch.Count, e.Message);
            }

            try
            {
                await Task.Delay(retryDelay, mailbox.Time, _stopping);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    private static TaskCompletionSource<bool> NewDone() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(EventId = 108, EventName = "StatesNotWritten", Level = LogLevel.Error,
        Message = "The state of {Count} tasks could not be written, they wait for it: {Reason}")]
    private static partial void LogWriteFailed(ILogger logger, int count, string reason);
}
