// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Store.Writer;

namespace Swarm.Store.Tests.Support;

/// <summary>Keeps what another log commits and applies it as a follower does, from bytes.</summary>
internal sealed class RecordingProposer(IProposer inner) : IProposer, ILogListener
{
    private ILogListener? _listener;

    /// <summary>The follower's state after each index; the first is the empty one.</summary>
    public List<StoreView> States { get; } = [StoreView.Empty];

    public List<byte[]> Entries { get; } = [];

    public List<InternalRaftRequest?> Requests { get; } = [];

    public void Start(ILogListener listener)
    {
        _listener = listener;
        inner.Start(this);
    }

    public void Propose(StoreProposal proposal) => inner.Propose(proposal);

    public void StandDown(ulong reign, string reason) => inner.StandDown(reign, reason);

    public void ReignBegan(ulong reign, ulong lastIndex) => _listener!.ReignBegan(reign, lastIndex);

    public void ReignEnded(ulong reign) => _listener!.ReignEnded(reign);

    public void EntryCommitted(ulong index, ulong reign, InternalRaftRequest? request)
    {
        Assert.Equal((ulong)States.Count, index);
        byte[] bytes = request?.ToByteArray() ?? [];
        InternalRaftRequest? copy = request is null ? null : InternalRaftRequest.Parser.ParseFrom(bytes);
        Entries.Add(bytes);
        Requests.Add(copy);
        string? error = null;
        States.Add(new(index, copy is null ? States[^1].Root : EntryApplier.Apply(States[^1].Root, copy, out _, out error)));
        Assert.Null(error);
        _listener!.EntryCommitted(index, reign, request);
    }

    public void SnapshotInstalled(ulong index, StoreSnapshot snapshot) => _listener!.SnapshotInstalled(index, snapshot);
}
