// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Agent.Shell;

/// <summary>Wakes the one loop that waits for it; a signal set while nobody waits is kept. Belongs to one mailbox.</summary>
internal sealed class Signal
{
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    /// <summary>Wakes the waiter, now or when it comes to wait.</summary>
    internal void Set()
    {
        if (_waiter is { } waiter)
        {
            _waiter = null;
            waiter.SetResult();
        }
        else
        {
            _isSet = true;
        }
    }

    /// <summary>Waits for the signal and takes it.</summary>
    /// <returns>Ends when the signal was set.</returns>
    internal Task WaitAsync()
    {
        if (_isSet)
        {
            _isSet = false;
            return Task.CompletedTask;
        }

        _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiter.Task;
    }
}
