// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store.Testing;

/// <summary>
/// A log in memory that behaves as badly as a real one may, the same for the same seed: commits are late; from some proposal
/// on everything is dropped; then the reign ends, with any number of entries in doubt. Of those a prefix still commits, after
/// its callers were failed, before the next reign is announced or some time after; the rest is lost and its indexes are used
/// again. A new reign may begin with an entry of its own, as Raft's do, and may end before what it found in the log has
/// committed. Everything happens in the mailbox.
/// </summary>
public sealed class FaultyProposer : IProposer, IDisposable
{
    private readonly Mailbox _mailbox;
    private readonly FaultyProposerOptions _options;
    private readonly SeededRandom _random;
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Number)> _events = new();
    private readonly Queue<Appended> _uncommitted = new();
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
        _uncommitted.Enqueue(new(proposal.Reign, proposal));
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
            CommitOneLater();
        }
    }

    private void CommitOneLater()
    {
        ulong reign = _reign;
        _lastDue = Max(_lastDue, _mailbox.Time.GetUtcNow() + Delay());
        At(_lastDue, () =>
        {
            if (_leads && reign == _reign)
            {
                CommitNext();
            }
        });
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
        Appended[] doubtful = [.. _uncommitted];
        _uncommitted.Clear();
        foreach (Appended survivor in doubtful.Take(survivors))
        {
            _uncommitted.Enqueue(survivor);
        }

        EntriesLost += doubtful.Skip(survivors).Count(a => a.Proposal is not null);
        _appended = _committed + (ulong)survivors;
        After(Delay(), Elect);
    }

    private void Elect()
    {
        while (_uncommitted.Count > 0 && _random.Next(4) != 0)
        {
            CommitNext();
        }

        BeginReign();
    }

    private void BeginReign()
    {
        _reign += 1 + (ulong)_random.Next(3);
        _acceptLeft = _random.Next(_options.MaxProposalsPerBadReign);
        _dropping = false;
        _leads = true;
        if (_random.Next(2) == 0)
        {
            _appended++;
            _uncommitted.Enqueue(new(_reign, null));
        }

        _listener!.ReignBegan(_reign, _appended);
        for (int left = _uncommitted.Count; left > 0; left--)
        {
            CommitOneLater();
        }
    }

    private void CommitNext()
    {
        Appended next = _uncommitted.Dequeue();
        _committed++;
        InternalRaftRequest? request = next.Proposal?.Request;
        if (next.Proposal is not null && (next.Reign != _reign || !_leads))
        {
            // Nobody remembers it as a proposal any more: it is read back from the log.
            EntriesCommittedLate++;
            request = request is null ? null : InternalRaftRequest.Parser.ParseFrom(request.ToByteArray());
        }

        _listener!.EntryCommitted(_committed, next.Reign, request);
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

    // An entry of the log; one without a proposal is the log's own.
    private readonly record struct Appended(ulong Reign, StoreProposal? Proposal);
}
