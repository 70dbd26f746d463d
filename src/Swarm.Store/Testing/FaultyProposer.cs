// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store.Testing;

/// <summary>
/// A log in memory that behaves as badly as a real one may, the same for the same seed: commits are late; from some proposal
/// on everything is dropped; then the reign ends, with any number of entries in doubt. Of those a prefix still commits, after
/// its callers were failed, before or after the next reign is announced; the rest is lost and its indexes are used
/// again. A new reign may begin with an entry of its own, as Raft's do. Everything happens in the mailbox.
/// </summary>
public sealed class FaultyProposer : IProposer, IDisposable
{
    private readonly Mailbox _mailbox;
    private readonly FaultyProposerOptions _options;
    private readonly SeededRandom _random;
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Number)> _events = new();
    private readonly Queue<StoreProposal> _uncommitted = new();
    private readonly ITimer _timer;
    private ILogListener? _listener;
    private DateTimeOffset _lastDue;
    private long _eventNumber;
    private ulong _reign;
    private ulong _appended;
    private ulong _committed;
    private int _badReignsLeft;
    private int _acceptLeft;
    private bool _leads;
    private bool _dropping;
    private bool _disposed;

    /// <summary>Makes a log.</summary>
    /// <param name="mailbox">Where it lives; its clock tells the delays.</param>
    /// <param name="seed">Decides all faults and delays.</param>
    /// <param name="options">How faulty it is; defaults when left out.</param>
    public FaultyProposer(Mailbox mailbox, ulong seed, FaultyProposerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        _mailbox = mailbox;
        _options = options ?? new();
        _options.Validate();
        _random = new(seed);
        _badReignsLeft = _options.BadReigns;
        _timer = mailbox.Time.CreateTimer(
            static state => ((FaultyProposer)state!).PostRunDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Number of reigns that ended so far.</summary>
    public int ReignsEnded { get; private set; }

    /// <summary>Number of entries that were proposed and lost for good.</summary>
    public int EntriesLost { get; private set; }

    /// <summary>Number of entries that committed after their reign had ended.</summary>
    public int EntriesCommittedLate { get; private set; }

    /// <inheritdoc/>
    public void Start(ILogListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _listener = listener;
        After(TimeSpan.Zero, BeginReign);
    }

    /// <inheritdoc/>
    public void Propose(StoreProposal proposal)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        _mailbox.Post(() => Append(proposal));
    }

    /// <inheritdoc/>
    public void StandDown(ulong reign, string reason) => _mailbox.Post(() =>
    {
        if (reign == _reign)
        {
            EndReign();
        }
    });

    /// <summary>Ends the reign of now at once, as when another manager was elected.</summary>
    public void LoseLeadership() => _mailbox.Post(EndReign);

    /// <summary>Stops: nothing is reported any more.</summary>
    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private void Append(StoreProposal proposal)
    {
        if (!_leads || proposal.Reign != _reign)
        {
            return;
        }

        if (proposal.Index != _appended + 1)
        {
            EndReign();
            return;
        }

        _appended++;
        _uncommitted.Enqueue(proposal);
        if (_acceptLeft-- == 0 && _badReignsLeft > 0)
        {
            _dropping = true;
            ulong reign = _reign;
            After(Delay(), () =>
            {
                if (reign == _reign)
                {
                    EndReign();
                }
            });
        }

        if (!_dropping)
        {
            ulong reign = _reign;
            _lastDue = Max(_lastDue, _mailbox.Time.GetUtcNow() + Delay());
            At(_lastDue, () =>
            {
                if (_leads && reign == _reign)
                {
                    CommitNext(late: false);
                }
            });
        }
    }

    private void EndReign()
    {
        if (!_leads)
        {
            return;
        }

        _leads = false;
        _badReignsLeft = Math.Max(0, _badReignsLeft - 1);
        ReignsEnded++;
        _listener!.ReignEnded(_reign);

        // Only a prefix of what is in doubt can survive: a log has no holes.
        int survivors = _random.Next(_uncommitted.Count + 1);
        StoreProposal[] doubtful = [.. _uncommitted];
        _uncommitted.Clear();
        foreach (StoreProposal survivor in doubtful.Take(survivors))
        {
            _uncommitted.Enqueue(survivor);
        }

        EntriesLost += doubtful.Length - survivors;
        _appended = _committed + (ulong)survivors;
        After(Delay(), Elect);
    }

    private void Elect()
    {
        if (_random.Next(2) == 0)
        {
            CommitLate();
        }

        BeginReign();
    }

    private void BeginReign()
    {
        _reign += 1 + (ulong)_random.Next(3);
        _acceptLeft = _random.Next(_options.MaxProposalsPerBadReign);
        _dropping = false;
        _leads = true;
        bool ownEntry = _random.Next(2) == 0;
        if (ownEntry)
        {
            _appended++;
        }

        _listener!.ReignBegan(_reign, _appended);
        CommitLate();
        if (ownEntry)
        {
            _committed++;
            _listener.EntryCommitted(_committed, _reign, null);
        }
    }

    private void CommitLate()
    {
        while (_uncommitted.Count > 0)
        {
            CommitNext(late: true);
        }
    }

    private void CommitNext(bool late)
    {
        StoreProposal proposal = _uncommitted.Dequeue();
        _committed++;
        InternalRaftRequest? request = proposal.Request;
        if (late)
        {
            // Nobody remembers it as a proposal any more: it is read back from the log.
            EntriesCommittedLate++;
            request = request is null ? null : InternalRaftRequest.Parser.ParseFrom(request.ToByteArray());
        }

        _listener!.EntryCommitted(proposal.Index, proposal.Reign, request);
    }

    private TimeSpan Delay() => _random.NextTimeSpan(TimeSpan.Zero, _options.MaxDelay);

    private void After(TimeSpan delay, Action action) => At(_mailbox.Time.GetUtcNow() + delay, action);

    private void At(DateTimeOffset due, Action action)
    {
        _events.Enqueue(action, (due, _eventNumber++));
        Arm();
    }

    private void PostRunDue() => _mailbox.Post(RunDue);

    private void RunDue()
    {
        while (!_disposed && _events.TryPeek(out Action? action, out var place) && place.Due <= _mailbox.Time.GetUtcNow())
        {
            _events.Dequeue();
            action();
        }

        Arm();
    }

    private void Arm()
    {
        if (!_disposed && _events.TryPeek(out _, out var place))
        {
            TimeSpan wait = Max(place.Due, _mailbox.Time.GetUtcNow()) - _mailbox.Time.GetUtcNow();
            _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
