// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration.Work;
using Swarm.Store;

namespace Swarm.Orchestration;

/// <summary>
/// Takes the certificates of removed nodes off the blacklist of the cluster once nobody can use them any more: some time after they
/// expired, so that clocks may differ. An entry without an expiry stays. Not thread-safe, as any controller.
/// </summary>
public sealed class BlacklistPruning : IController
{
    /// <summary>How long after its expiry a certificate stays on the list: 7 days.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    private const string TimerKey = "next";

    private readonly WorkQueue<string> _work = new();

    /// <inheritdoc/>
    public string Name => "blacklist";

    /// <inheritdoc/>
    public void Begin(IControllerStart start) => start.ForEach<Cluster>(cluster => _work.Add(cluster.Id));

    /// <inheritdoc/>
    public void Observe(in StoreChange change, IStoreReader head)
    {
        if (change.New is Cluster cluster
            && !ReferenceEquals((change.Old as Cluster)?.BlacklistedCertificates, cluster.BlacklistedCertificates))
        {
            _work.Add(cluster.Id);
        }
    }

    /// <inheritdoc/>
    public bool Run(IControllerTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        foreach (string id in turn.DueTimers)
        {
            _work.Add(id[TimerKey.Length..]);
        }

        while (_work.TryPeek(out string? id))
        {
            if (turn.Head.Get<Cluster>(id) is { } cluster && !Prune(turn, cluster))
            {
                return true;
            }

            _work.TryTake(out _);
        }

        return false;
    }

    private static bool Prune(IControllerTurn turn, Cluster cluster)
    {
        var left = new SortedDictionary<string, BlacklistedCertificate>(StringComparer.Ordinal);
        DateTimeOffset? next = null;
        foreach ((string node, BlacklistedCertificate certificate) in cluster.BlacklistedCertificates)
        {
            DateTimeOffset? end = certificate.Expiry.ToTime()?.After(Grace);
            if (end is null || end > turn.Now)
            {
                left.Add(node, certificate);
                next = end is null || next < end ? next : end;
            }
        }

        if (next is { } due)
        {
            turn.SetTimer(TimerKey + cluster.Id, due);
        }
        else
        {
            turn.CancelTimer(TimerKey + cluster.Id);
        }

        return left.Count == cluster.BlacklistedCertificates.Count
            || turn.TryAtomOrSkip(cluster, tx => tx.Update(cluster.WithBlacklistedCertificates(left)));
    }
}
