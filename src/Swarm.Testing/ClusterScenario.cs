// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Simulation;
using Swarm.Store;
using Swarm.Store.Testing;

namespace Swarm.Testing;

/// <summary>
/// A history of wishes and faults that a seed decides, on a <see cref="SimulatedCluster"/>: services are made, scaled, updated, removed
/// and made again; nodes are drained and activated; tasks fail; agents crash and come back, also while they join; messages are lost or
/// slow; hosts are cut off, also one way; clocks differ; the manager loses its leadership with entries in doubt.
/// <see cref="ClusterHistoryChecker"/> watches all of it. Then the faults end, and the cluster must converge and come to rest.
/// </summary>
public sealed class ClusterScenario
{
    private const int BurstFaults = 4;
    private const int ServiceCount = 3;
    private const int JoinersMax = 3;
    private const long WritesPerTask = 12;
    private const long WritesPerWish = 20;
    private const int Tries = 30;

    private readonly ClusterScenarioOptions _options;
    private readonly SimulatedCluster _cluster;
    private readonly SeededRandom _random;
    private readonly List<string> _services = [];
    private readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
    private ClusterHistoryChecker _checker = null!;
    private string _secret = "";
    private int _made;
    private int _wishes;

    /// <summary>Makes a scenario.</summary>
    /// <param name="options">How big and how bad.</param>
    public ClusterScenario(ClusterScenarioOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _cluster = new SimulatedCluster(new SimulatedClusterOptions
        {
            Seed = options.Seed,
            Workers = options.Nodes - 1,
            ClockOffsetMax = options.ClockOffsetMax,
            Log = new FaultyProposerOptions { BadReigns = 0, MaxDelay = options.CommitDelayMax },
            Network = new SimulatedNetworkOptions { LossProbability = options.LossProbability, ResetProbability = options.LossProbability },
        });
        _random = _cluster.Loop.ForkRandom();
    }

    /// <summary>The cluster it runs on.</summary>
    public SimulatedCluster Cluster => _cluster;

    /// <summary>Runs the scenario to its end.</summary>
    /// <returns>What came out.</returns>
    /// <exception cref="InvalidOperationException">The cluster did not converge or did not come to rest; the text names the seed.</exception>
    public ClusterScenarioResult Run()
    {
        _cluster.Start();
        using var checker = new ClusterHistoryChecker(_cluster.Manager.Node!.Manager!.Writer);
        _checker = checker;
        try
        {
            return RunChecked();
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or SwarmException)
        {
            throw new InvalidOperationException(e.Message.StartsWith("seed ", StringComparison.Ordinal) ? e.Message : $"seed {_options.Seed}: {e.Message}", e);
        }
    }

    private ClusterScenarioResult RunChecked()
    {
        _secret = Ask(() => _cluster.Client.Secrets.CreateAsync(new SecretSpec
        {
            Annotations = new Annotations { Name = TestWorkload.SecretName },
            Data = Google.Protobuf.ByteString.CopyFromUtf8("sesame"),
        })).Id;
        for (int i = 0; i < ServiceCount; i++)
        {
            MakeService((ulong)((_options.Tasks / ServiceCount) + (i < _options.Tasks % ServiceCount ? 1 : 0)));
        }

        MakeService(null);
        for (int round = 0; round < _options.Faults; round++)
        {
            Disturb();
            _checker.Check();

            // The last disturbances come in one burst, so that the calm always begins in the middle of trouble.
            if (round < _options.Faults - BurstFaults)
            {
                _cluster.Loop.RunFor(_random.NextTimeSpan(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)));
                _checker.Check();
                RequireHonestWork();
            }
        }

        // What fails here is seen to have failed before the calm, so that no cluster looks converged that is not.
        FailSome();
        _cluster.Loop.RunFor(TimeSpan.FromMilliseconds(100));
        DateTimeOffset calm = Calm();
        _cluster.Converge(_options.ConvergeLimit);
        TimeSpan converged = _cluster.Loop.Now - calm;
        RequireRest();
        _checker.Check();
        RequireHonestWork();
        RequireFewWrites();
        _faults["log: reigns lost"] = _cluster.ReignsEnded;
        _faults["log: entries lost"] = _cluster.EntriesLost;
        _faults["log: entries late"] = _cluster.EntriesCommittedLate;
        return new ClusterScenarioResult(
            _options.Seed,
            _cluster.Loop.Trace.Hash,
            _cluster.Loop.Steps,
            converged,
            _cluster.Workload.Started,
            _cluster.Network.Sent,
            _cluster.Network.Lost,
            _checker.Changes,
            _cluster.Workload.SecretsRead,
            _faults);
    }

    private void Disturb()
    {
        SimulatedClusterNode worker = _cluster.Nodes[1 + _random.Next(_cluster.Nodes.Count - 1)];
        switch (_random.Next(16))
        {
            case 0 or 1 when worker.IsUp:
                Count("agent crashes");
                _cluster.Crash(worker);
                break;
            case 0 or 1 or 2:
                Revive(worker);
                break;
            case 3:
                Count("link cut");
                _cluster.Network.Cut(worker.Name, _cluster.Manager.Name);
                break;
            case 4:
                Count("link cut one way");
                _cluster.Network.CutOneWay(worker.Name, _cluster.Manager.Name);
                break;
            case 5:
                Count("link cut one way");
                _cluster.Network.CutOneWay(_cluster.Manager.Name, worker.Name);
                break;
            case 6 or 7:
                HealPerhapsSlow();
                break;
            case 8:
                CrashWhileJoining();
                break;
            case 9:
                Drain(worker);
                break;
            case 10:
                LoseLeadershipOver(MakeAnew);
                break;
            case 11 or 12:
                Scale();
                break;
            case 13 or 14:
                LoseLeadershipOver(Scale);
                break;
            default:
                FailSome();
                break;
        }
    }

    private void Count(string what) => _faults[what] = _faults.GetValueOrDefault(what) + 1;

    private void HealPerhapsSlow()
    {
        bool slow = _random.Next(2) == 0;
        Count(slow ? "network slow" : "network good");
        _cluster.Network.Heal();
        _cluster.Network.Options.DelayMax = slow ? TimeSpan.FromSeconds(2) : TimeSpan.FromMilliseconds(5);
    }

    // The reign ends while the wish is written, or while what follows from it is.
    private void LoseLeadershipOver(Action wish)
    {
        Count("leadership lost");
        _cluster.LoseLeadership(_random.NextTimeSpan(TimeSpan.Zero, _options.CommitDelayMax * 4));
        wish();
    }

    // As a patient client does: while nobody leads, or nobody knows what became of the call, it is made again.
    private T Ask<T>(Func<Task<T>> call, Func<SwarmException, T?>? known = null)
    {
        bool doubt = false;
        for (int i = 0; ; i++)
        {
            try
            {
                return _cluster.Call(call);
            }
            catch (SwarmException e) when (i < Tries
                && e.Code is SwarmErrorCode.Unavailable or SwarmErrorCode.NotLeader or SwarmErrorCode.OutcomeUnknown)
            {
                Count("calls made again");
                doubt = true;
                _cluster.Loop.RunFor(TimeSpan.FromMilliseconds(200));
            }
            catch (SwarmException e) when (doubt && known is not null && known(e) is { } result)
            {
                Count("calls done though in doubt");
                return result;
            }
        }
    }

    private void Revive(SimulatedClusterNode worker)
    {
        if (!worker.IsUp)
        {
            Count("agent restarts");
            _cluster.Restart(worker);
        }
    }

    // Between a request for a certificate and its first session a worker has little on its disk.
    private void CrashWhileJoining()
    {
        if (_cluster.Nodes.Count >= _options.Nodes + JoinersMax)
        {
            return;
        }

        SimulatedClusterNode joiner = _cluster.AddWorker();
        _cluster.Loop.RunFor(_random.NextTimeSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(60)));
        if (joiner.IsUp)
        {
            Count("agent crashes joining");
            _cluster.Crash(joiner);
        }
    }

    private void Drain(SimulatedClusterNode worker)
    {
        if (worker.Node?.NodeId is { Length: > 0 } id && _cluster.State.Get<Node>(id) is { } known)
        {
            bool active = known.Spec.Availability == NodeSpec.Types.Availability.Active;
            _wishes++;
            Count(active ? "node drained" : "node activated");
            Ask(() => _cluster.Client.Nodes.UpdateAsync(
                id, spec => spec.Availability = active ? NodeSpec.Types.Availability.Drain : NodeSpec.Types.Availability.Active));
        }
    }

    private void MakeService(ulong? replicas)
    {
        ServiceSpec spec = TestWorkload.Service($"service-{_made++}", replicas, s =>
        {
            s.Task.ResourceReferences.Add(new ResourceReference { ResourceId = _secret, ResourceType = ResourceType.Secret });
            s.Task.Restart = new RestartPolicy
            {
                Condition = RestartPolicy.Types.RestartCondition.Any,
                Delay = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            };
        });
        _wishes++;
        Service made = Ask(
            () => _cluster.Client.Services.CreateAsync(spec),
            e => e.Code == SwarmErrorCode.AlreadyExists ? _cluster.State.GetByName<Service>(spec.Annotations.Name) : null);
        _checker.CheckReply(made);
        _services.Add(made.Id);
        RequireRefused(spec);
    }

    // The name is taken from the moment of the reply.
    private void RequireRefused(ServiceSpec spec)
    {
        try
        {
            Ask(() => _cluster.Client.Services.CreateAsync(spec));
        }
        catch (SwarmException e) when (e.Code == SwarmErrorCode.AlreadyExists)
        {
            return;
        }

        throw new InvalidOperationException($"two services were made with the name {spec.Annotations.Name}");
    }

    private void MakeAnew()
    {
        int index = _random.Next(_services.Count);
        string id = _services[index];
        Service old = _cluster.State.Get<Service>(id)!;
        _wishes++;
        Count("service removed and made");
        Ask(() => Removed(id), e => e.Code == SwarmErrorCode.NotFound ? "" : null);
        _services.RemoveAt(index);
        if (_cluster.State.Get<Service>(id) is not null)
        {
            throw new InvalidOperationException($"service {id} is there after the reply to its removal");
        }

        MakeService(old.Spec.Replicated is { } replicated ? replicated.Replicas : null);
    }

    private async Task<string> Removed(string id)
    {
        await _cluster.Client.Services.RemoveAsync(id);
        return id;
    }

    private void Scale()
    {
        string id = _services[_random.Next(_services.Count)];
        ulong most = (ulong)(_options.Tasks / ServiceCount);
        ulong replicas = most - (ulong)_random.Next((int)(most / 2) + 1);
        bool update = _random.Next(3) == 0;
        _wishes++;
        Count(update ? "service updated" : "service scaled");
        _checker.CheckReply(Ask(() => _cluster.Client.Services.UpdateAsync(id, spec =>
        {
            if (spec.Replicated is { } replicated)
            {
                replicated.Replicas = replicas;
            }

            spec.Update = new UpdateConfig { Parallelism = 0 };
            spec.Task.ForceUpdate += update ? 1UL : 0UL;
        })));
    }

    private void FailSome()
    {
        IReadOnlyList<RunningTask> running = _cluster.Workload.Running;
        for (int i = 0; i < 5 && running.Count > 0; i++)
        {
            Count("task failed");
            _cluster.Workload.Fail(running[_random.Next(running.Count)].TaskId);
        }
    }

    private DateTimeOffset Calm()
    {
        _cluster.Network.Calm();
        _cluster.Network.Options.DelayMax = TimeSpan.FromMilliseconds(5);
        foreach (SimulatedClusterNode node in _cluster.Nodes)
        {
            Revive(node);
        }

        return _cluster.Loop.Now;
    }

    private void RequireHonestWork()
    {
        if (_cluster.Workload.StartedTwice != 0)
        {
            throw new InvalidOperationException($"{_cluster.Workload.StartedTwice} tasks were started twice");
        }

        if (_cluster.Workload.SecretsMissing != 0)
        {
            throw new InvalidOperationException($"{_cluster.Workload.SecretsMissing} tasks were started without their secret");
        }
    }

    // A task is made, placed, reported through its states, told to stop, reported stopped, removed. What else is written belongs to wishes and nodes.
    private void RequireFewWrites()
    {
        long bound = (_checker.TasksMade * WritesPerTask) + ((_wishes + _options.Faults) * WritesPerWish);
        if (_checker.Changes > bound)
        {
            throw new InvalidOperationException($"{_checker.Changes} writes for {_checker.TasksMade} tasks and {_wishes} wishes: more than {bound}");
        }

        WriterCounters counters = _cluster.Counters;
        if (counters.Alarms != 0 || counters.EntriesWithoutEffect != 0)
        {
            throw new InvalidOperationException($"{counters.Alarms} alarms, {counters.EntriesWithoutEffect} entries without effect");
        }
    }

    // Heartbeats go on for ever; writes must not.
    private void RequireRest()
    {
        _cluster.Loop.RunFor(TimeSpan.FromMinutes(2));
        ulong before = _cluster.State.Index;
        _cluster.Loop.RunFor(TimeSpan.FromMinutes(5));
        ulong after = _cluster.State.Index;
        if (after != before)
        {
            throw new InvalidOperationException($"seed {_options.Seed}: not at rest: {after - before} entries in five quiet minutes");
        }

        if (!_cluster.IsConverged())
        {
            throw new InvalidOperationException($"seed {_options.Seed}: converged, then {ClusterInvariants.Unconverged(_cluster.State, _cluster.Workload)}");
        }
    }
}
