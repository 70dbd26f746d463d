// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Store;

/// <summary>
/// A log of one manager in memory: this manager always leads, and what is proposed commits at once, through the mailbox.
/// Nothing survives the process. For single managers without replication, and for tests.
/// </summary>
public sealed class LocalProposer : IProposer, IDisposable
{
    private readonly Mailbox _mailbox;
    private readonly TimeSpan _pause;
    private ILogListener? _listener;
    private ITimer? _timer;
    private ulong _reign;
    private ulong _lastIndex;
    private bool _leads;
    private bool _disposed;

    /// <summary>Makes a log.</summary>
    /// <param name="mailbox">Where commits are reported from; the writer's own will do.</param>
    /// <param name="lastIndex">Index of the last entry of the state that the writer starts with; default 0, the empty state.</param>
    /// <param name="pauseAfterStandDown">Time from the end of a reign that the writer gave up to the next; default 1 s.</param>
    public LocalProposer(Mailbox mailbox, ulong lastIndex = 0, TimeSpan? pauseAfterStandDown = null)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        _mailbox = mailbox;
        _lastIndex = lastIndex;
        _pause = pauseAfterStandDown ?? TimeSpan.FromSeconds(1);
    }

    /// <inheritdoc/>
    public void Start(ILogListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _listener = listener;
        _mailbox.Post(BeginReign);
    }

    /// <inheritdoc/>
    public void Propose(StoreProposal proposal)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        _mailbox.Post(() => Commit(proposal));
    }

    /// <inheritdoc/>
    public void StandDown(ulong reign, string reason) => _mailbox.Post(() => EndReign(reign));

    /// <summary>Stops: nothing is reported any more.</summary>
    public void Dispose() => _mailbox.Post(() =>
    {
        _disposed = true;
        _timer?.Dispose();
    });

    private void BeginReign()
    {
        if (!_disposed)
        {
            _leads = true;
            _reign++;
            _listener!.ReignBegan(_reign, _lastIndex);
        }
    }

    private void Commit(StoreProposal proposal)
    {
        if (_disposed || !_leads || proposal.Reign != _reign)
        {
            return;
        }

        if (proposal.Index != _lastIndex + 1)
        {
            EndReign(_reign);
            return;
        }

        _lastIndex++;
        _listener!.EntryCommitted(proposal.Index, proposal.Reign, proposal.Request);
    }

    private void EndReign(ulong reign)
    {
        if (_disposed || !_leads || reign != _reign)
        {
            return;
        }

        _leads = false;
        _listener!.ReignEnded(reign);
        _timer?.Dispose();
        _timer = _mailbox.Time.CreateTimer(
            static state => ((LocalProposer)state!).PostBeginReign(), this, _pause, Timeout.InfiniteTimeSpan);
    }

    private void PostBeginReign() => _mailbox.Post(BeginReign);
}
