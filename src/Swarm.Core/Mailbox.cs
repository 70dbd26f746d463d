// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>
/// A serial executor: what is posted runs one at a time, in the order of posting. Code that runs in a mailbox owns the
/// state that belongs to it and needs no locks; an <c>await</c> inside it comes back to it. Real programs use
/// <see cref="ThreadPoolMailbox"/>; a simulation gives all mailboxes to one loop that decides who runs next.
/// Posting is thread-safe; everything else belongs to the code inside.
/// </summary>
/// <remarks>
/// Inside a mailbox, do not combine tasks with <c>Task.WhenAny</c> or <c>Task.WhenAll</c> over completion sources that
/// run continuations asynchronously, and do not block: either leaves the mailbox and with it determinism.
/// </remarks>
public abstract class Mailbox : SynchronizationContext
{
    /// <summary>A name for logs and traces.</summary>
    public abstract string Name { get; }

    /// <summary>The clock that code in this mailbox reads and sets timers by.</summary>
    public abstract TimeProvider Time { get; }

    /// <inheritdoc/>
    public abstract override void Post(SendOrPostCallback d, object? state);

    /// <summary>Blocking calls into a mailbox are refused: they can deadlock.</summary>
    /// <param name="d">Not used.</param>
    /// <param name="state">Not used.</param>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public sealed override void Send(SendOrPostCallback d, object? state) =>
        throw new InvalidOperationException($"Mailbox '{Name}': use Post or InvokeAsync; a mailbox is never waited for by blocking.");

    /// <inheritdoc/>
    public sealed override SynchronizationContext CreateCopy() => this;

    /// <summary>Posts a piece of work.</summary>
    /// <param name="work">Runs in this mailbox. An exception that leaves it ends the process or the simulation.</param>
    public void Post(Action work) => Post(static state => ((Action)state!)(), work);

    /// <summary>Runs work in this mailbox and gives its result.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="work">Runs in this mailbox.</param>
    /// <returns>The result, or the exception that left the work.</returns>
    public Task<T> InvokeAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Runs asynchronous work in this mailbox; its awaits come back here.</summary>
    /// <param name="work">Starts in this mailbox.</param>
    /// <returns>Ends when the work has ended, with its exception if it threw.</returns>
    public Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Runs asynchronous work in this mailbox and gives its result; its awaits come back here.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="work">Starts in this mailbox.</param>
    /// <returns>The result, or the exception that left the work.</returns>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(async () =>
        {
            try
            {
                done.SetResult(await work());
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }
}
