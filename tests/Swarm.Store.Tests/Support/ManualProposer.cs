// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tests.Support;

/// <summary>A log that does nothing by itself: the test says when entries commit and reigns change.</summary>
internal sealed class ManualProposer : IProposer
{
    private ILogListener? _listener;

    public List<StoreProposal> Proposed { get; } = [];

    public List<ulong> StoodDown { get; } = [];

    public ILogListener Listener => _listener!;

    public ulong Committed { get; private set; }

    public void Start(ILogListener listener) => _listener = listener;

    public void Propose(StoreProposal proposal) => Proposed.Add(proposal);

    public void StandDown(ulong reign, string reason) => StoodDown.Add(reign);

    public void Begin(ulong reign = 1) => Listener.ReignBegan(reign, Committed);

    /// <summary>Commits the first entry proposed that is not yet committed.</summary>
    public void CommitNext()
    {
        StoreProposal next = Proposed.First(p => p.Index == Committed + 1);
        Commit(next.Reign, next.Request);
    }

    public void Commit(ulong reign, InternalRaftRequest? request)
    {
        Committed++;
        Listener.EntryCommitted(Committed, reign, request);
    }
}
