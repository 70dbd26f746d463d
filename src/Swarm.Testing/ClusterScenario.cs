// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Simulation;

namespace Swarm.Testing;

/// <summary>
/// A history of wishes and faults that a seed decides, on a <see cref="SimulatedCluster"/>: services are made, scaled, updated; tasks fail; agents crash and
/// come back; messages are lost; hosts are cut off. Then the faults end, and the cluster must converge and come to rest.
/// </summary>
public sealed class ClusterScenario
{
    private const int BurstFaults = 4;

    private readonly ClusterScenarioOptions _options;
    private readonly SimulatedCluster _cluster;
    private readonly SeededRandom _random;
    private readonly List<string> _services = [];

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
        int services = 3;
        for (int i = 0; i < services; i++)
        {
            ulong replicas = (ulong)((_options.Tasks / services) + (i < _options.Tasks % services ? 1 : 0));
            ServiceSpec spec = TestWorkload.Service($"service-{i}", replicas, s => s.Task.Restart = new RestartPolicy
            {
                Condition = RestartPolicy.Types.RestartCondition.Any,
                Delay = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            });
            _services.Add(_cluster.Call(() => _cluster.Client.Services.CreateAsync(spec)).Id);
        }

        for (int round = 0; round < _options.Faults; round++)
        {
            Disturb();

            // The last disturbances come in one burst, so that the calm always begins in the middle of trouble.
            if (round < _options.Faults - BurstFaults)
            {
                _cluster.Loop.RunFor(_random.NextTimeSpan(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)));
            }
        }

        FailSome();
        DateTimeOffset calm = Calm();
        _cluster.Converge(_options.ConvergeLimit);
        TimeSpan converged = _cluster.Loop.Now - calm;
        RequireRest();
        if (_cluster.Workload.StartedTwice != 0)
        {
            throw new InvalidOperationException($"seed {_options.Seed}: {_cluster.Workload.StartedTwice} tasks were started twice");
        }

        return new ClusterScenarioResult(
            _options.Seed, _cluster.Loop.Trace.Hash, _cluster.Loop.Steps, converged, _cluster.Workload.Started, _cluster.Network.Lost);
    }

    private void Disturb()
    {
        SimulatedClusterNode worker = _cluster.Nodes[1 + _random.Next(_cluster.Nodes.Count - 1)];
        switch (_random.Next(6))
        {
            case 0 when worker.IsUp:
                _cluster.Crash(worker);
                break;
            case 0 or 1:
                if (!worker.IsUp)
                {
                    _cluster.Restart(worker);
                }

                break;
            case 2:
                _cluster.Network.Cut(worker.Name, _cluster.Manager.Name);
                break;
            case 3:
                _cluster.Network.Heal();
                break;
            case 4:
                Scale();
                break;
            default:
                FailSome();
                break;
        }
    }

    private void Scale()
    {
        string id = _services[_random.Next(_services.Count)];
        ulong most = (ulong)(_options.Tasks / _services.Count);
        ulong replicas = most - (ulong)_random.Next((int)(most / 2) + 1);
        bool update = _random.Next(3) == 0;
        _cluster.Call(() => _cluster.Client.Services.UpdateAsync(id, spec =>
        {
            spec.Replicated.Replicas = replicas;
            spec.Update = new UpdateConfig { Parallelism = 0 };
            spec.Task.ForceUpdate += update ? 1UL : 0UL;
        }));
    }

    private void FailSome()
    {
        IReadOnlyList<RunningTask> running = _cluster.Workload.Running;
        for (int i = 0; i < 5 && running.Count > 0; i++)
        {
            _cluster.Workload.Fail(running[_random.Next(running.Count)].TaskId);
        }
    }

    private DateTimeOffset Calm()
    {
        _cluster.Network.Calm();
        foreach (SimulatedClusterNode node in _cluster.Nodes)
        {
            if (!node.IsUp)
            {
                _cluster.Restart(node);
            }
        }

        return _cluster.Loop.Now;
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
