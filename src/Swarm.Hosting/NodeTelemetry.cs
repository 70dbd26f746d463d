// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Swarm.Api;
using Swarm.Manager;

namespace Swarm.Hosting;

/// <summary>What a node tells of itself: status, metrics, activities. Thread-safe; nothing is measured that nobody listens to.</summary>
internal sealed class NodeTelemetry : IDisposable
{
    public const string Name = "Swarm.Hosting";

    public static readonly ActivitySource Activities = new(Name);

    private readonly SwarmNode _node;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _sessionsOpened;
    private readonly Counter<long> _sessionsLost;
    private readonly Counter<long> _renewals;
    private volatile SessionState _session = new("", "");
    private volatile SwarmNodePhase _phase;
    private volatile string _renewalProblem = "";
    private ImmutableSortedDictionary<string, string> _executors = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public NodeTelemetry(SwarmNode node, IMeterFactory? meters, TimeProvider time)
    {
        _node = node;
        _time = time;
        _ownsMeter = meters is null;
        _meter = meters?.Create(new MeterOptions(Name)) ?? new Meter(Name);
        _sessionsOpened = _meter.CreateCounter<long>("swarm.node.sessions.opened", "{session}", "Sessions opened with a manager");
        _sessionsLost = _meter.CreateCounter<long>("swarm.node.sessions.lost", "{session}", "Sessions, or attempts to open one, that failed");
        _renewals = _meter.CreateCounter<long>("swarm.node.certificate.renewals", "{renewal}", "Renewals of the certificate, by outcome");
        _meter.CreateObservableGauge("swarm.node.ready", () => One(Status().IsReady ? 1 : 0), "1", "Whether the node takes tasks and orders");
        _meter.CreateObservableGauge("swarm.node.certificate.remaining", CertificateRemaining, "s", "Time until the certificate expires");
        _meter.CreateObservableGauge("swarm.manager.leading", Leading, "1", "Whether this manager leads; only on managers");
        _meter.CreateObservableGauge(
            "swarm.cluster.nodes", () => Count<Node>(n => n.Status?.State.ToString()), "{node}", "Nodes by state; only where a manager leads");
        _meter.CreateObservableGauge("swarm.cluster.services", () => Count<Service>(_ => null), "{service}", "Services; only where a manager leads");
        _meter.CreateObservableGauge(
            "swarm.cluster.tasks", () => Count<Api.Task>(t => t.Status?.State.ToString()), "{task}", "Tasks by state; only where a manager leads");
    }

    public SwarmNodePhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    public void SessionOpened(string manager)
    {
        _session = new SessionState(manager, "");
        _sessionsOpened.Add(1, NodeTag());
    }

    public void SessionLost(string reason)
    {
        _session = new SessionState("", reason);
        _sessionsLost.Add(1, NodeTag());
    }

    /// <summary>A renewal of the certificate ended.</summary>
    /// <param name="problem">Why it failed; empty if it did not.</param>
    public void Renewal(string problem)
    {
        _renewalProblem = problem;
        _renewals.Add(1, NodeTag(), new KeyValuePair<string, object?>("outcome", problem.Length == 0 ? "renewed" : "failed"));
    }

    /// <summary>An executor said what it can run, or could not.</summary>
    public void ExecutorDescribed(string executor, string problem) =>
        ImmutableInterlocked.Update(ref _executors, static (all, one) => all.SetItem(one.executor, one.problem), (executor, problem));

    public SwarmNodeStatus Status()
    {
        SessionState session = _session;
        SwarmManager? manager = _node.Manager;
        return new SwarmNodeStatus(
            _phase,
            _node.NodeId,
            _node.ClusterId,
            _node.Role,
            _phase == SwarmNodePhase.Running ? session.Manager : "",
            manager is not null,
            manager is not null && manager.Roster.Members.Any(m => m.IsLeader),
            session.Problem)
        {
            CertificateRemaining = _node.Credentials.Current is { } current ? current.NotAfter - _time.GetUtcNow() : null,
            CertificateLife = _node.Credentials.Current is { } known ? known.NotAfter - known.NotBefore : TimeSpan.Zero,
            CertificateProblem = _renewalProblem,
            Executors = Volatile.Read(ref _executors),
        };
    }

    public void Dispose()
    {
        // A factory's meter is the factory's to end.
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }

    private KeyValuePair<string, object?> NodeTag() => new("swarm.node.id", _node.NodeId);

    private IEnumerable<Measurement<long>> One(long value) => _phase == SwarmNodePhase.Stopped ? [] : [new Measurement<long>(value, NodeTag())];

    private IEnumerable<Measurement<double>> CertificateRemaining() => _node.Credentials.Current is { } current
        ? [new Measurement<double>((current.NotAfter - _time.GetUtcNow()).TotalSeconds, NodeTag())]
        : [];

    private IEnumerable<Measurement<long>> Leading() => _node.Manager is { } manager ? One(manager.Writer.IsLeading ? 1 : 0) : [];

    private IEnumerable<Measurement<long>> Count<T>(Func<T, string?> stateOf)
        where T : class, Api.IStoreObject
    {
        if (_phase != SwarmNodePhase.Running || _node.Manager is not { Writer.IsLeading: true } manager)
        {
            return [];
        }

        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (T found in manager.Writer.Committed.All<T>())
        {
            string state = stateOf(found)?.ToLowerInvariant() ?? "";
            counts[state] = counts.GetValueOrDefault(state) + 1;
        }

        return counts.Select(c => c.Key.Length > 0
            ? new Measurement<long>(c.Value, NodeTag(), new KeyValuePair<string, object?>("state", c.Key))
            : new Measurement<long>(c.Value, NodeTag()));
    }

    private sealed record SessionState(string Manager, string Problem);
}
