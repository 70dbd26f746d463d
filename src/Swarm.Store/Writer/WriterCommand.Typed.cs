// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>A command with a result.</summary>
/// <param name="name">For logs.</param>
/// <param name="decide">Runs on Head; null for an entry that is not the store's own.</param>
/// <param name="project">Makes the result, until <paramref name="decide"/> gives another.</param>
internal sealed class WriterCommand<T>(
    string name, Func<IStoreTransaction, Func<IStoreReader, T>>? decide, Func<IStoreReader, T>? project = null) : WriterCommand(name)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<IStoreReader, T>? _project = project;

    public Task<T> Answer => _answer.Task;

    public CancellationTokenRegistration Registration { get; set; }

    public override void Decide(IStoreTransaction transaction) => _project = decide!(transaction);

    public override void Complete(IStoreReader committed)
    {
        Registration.Dispose();
        try
        {
            _answer.TrySetResult(_project!(committed));
        }
        catch (Exception e)
        {
            // The write is done; what the caller's own function threw is the caller's.
            _answer.TrySetException(e);
        }
    }

    public override void Fail(Exception error)
    {
        Registration.Dispose();
        _answer.TrySetException(error);
    }

    public void Cancel(CancellationToken token)
    {
        IsCancelled = true;
        _answer.TrySetCanceled(token);
    }
}
