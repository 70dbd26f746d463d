// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>A wait for work that runs.</summary>
internal sealed class PendingWait
{
    private readonly Workbench _bench;
    private readonly CancellationTokenSource _cancel;
    private readonly Task _call;

    private PendingWait(Workbench bench, Subject subject)
    {
        _bench = bench;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(bench.Cancellation);
        _call = subject.Begin("wait", _cancel.Token);
    }

    public static PendingWait Begin(Workbench bench, Subject subject) => new(bench, subject);

    public void ExpectPending() => Workbench.Require(!_call.IsCompleted, "wait has ended although the work runs");

    public async Task<CallEnd> EndAsync()
    {
        await _bench.EndAsync("wait", _call);
        _cancel.Dispose();
        return CallEnd.Of(_call);
    }

    public async Task ExpectEndAsync() =>
        Workbench.Require(await EndAsync(), CallEndKind.Succeeded | CallEndKind.Exited, "the wait for work that was stopped");

    public async Task CancelAsync()
    {
        ExpectPending();
        _cancel.Cancel();
        Workbench.Require(await EndAsync(), CallEndKind.Cancelled, "the wait that was cancelled");
    }
}
