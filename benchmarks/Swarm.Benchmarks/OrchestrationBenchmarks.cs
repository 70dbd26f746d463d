// SPDX-License-Identifier: Apache-2.0
using BenchmarkDotNet.Attributes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Orchestration;
using Swarm.Store;

namespace Swarm.Benchmarks;

/// <summary>From the wish to its place: one command creates a service, and all of its tasks have nodes and are committed.</summary>
[MemoryDiagnoser]
public class OrchestrationBenchmarks : IDisposable
{
    private Loop _loop = null!;
    private LocalProposer _proposer = null!;
    private StoreWriter _writer = null!;

    /// <summary>Nodes of the cluster.</summary>
    [Params(1_000)]
    public int Nodes { get; set; }

    /// <summary>Replicas of the service.</summary>
    [Params(1_000, 10_000)]
    public int Replicas { get; set; }

    /// <summary>A cluster with its nodes.</summary>
    [IterationSetup]
    public void Setup()
    {
        _loop = new Loop();
        _proposer = new LocalProposer(_loop);
        _writer = new StoreWriter(new StoreWriterOptions(), _proposer, OrchestrationControllers.Default(), _loop, seed: 1);
        _writer.Start();
        _loop.Drain();
        Do(tx =>
        {
            for (int i = 0; i < Nodes; i++)
            {
                tx.Create(new Node
                {
                    Id = $"node{i}",
                    Spec = new NodeSpec { Annotations = new Annotations { Name = $"node{i}" } },
                    Description = new NodeDescription { Hostname = $"node{i}" },
                    Status = new NodeStatus { State = NodeStatus.Types.State.Ready },
                });
            }
        });
    }

    /// <summary>Ends the writer.</summary>
    [IterationCleanup]
    public void Cleanup() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        Task done = _writer.DisposeAsync().AsTask();
        _proposer.Dispose();
        _loop.Drain();
        done.GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Creates the service and runs the writer until it comes to rest.</summary>
    /// <returns>The tasks that have a node: all.</returns>
    [Benchmark]
    public int CreateServiceUntilAllAreAssigned()
    {
        Do(tx => tx.Create(new Service
        {
            Id = "service",
            SpecVersion = new Api.Version { Index = tx.EntryIndex },
            Spec = new ServiceSpec
            {
                Annotations = new Annotations { Name = "web" },
                Task = new TaskSpec { Container = new ContainerSpec { Image = "web:1" } },
                Replicated = new ReplicatedService { Replicas = (ulong)Replicas },
            },
        }));
        int assigned = _writer.Committed.TasksByService("service").Count(static t => t.ObservedState() == TaskState.Assigned);
        return assigned == Replicas ? assigned : throw new InvalidOperationException($"{assigned} of {Replicas} tasks have a node.");
    }

    private void Do(Action<IStoreTransaction> command)
    {
        Task done = _writer.SubmitAsync("benchmark", command);
        _loop.Drain();
        if (!done.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("The command was not carried out.", done.Exception);
        }
    }

    /// <summary>Runs everything on the thread that measures.</summary>
    private sealed class Loop : Mailbox
    {
        private readonly Queue<(SendOrPostCallback Work, object? State)> _queue = new();

        public override string Name => "benchmark";

        public override TimeProvider Time => TimeProvider.System;

        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (_queue)
            {
                _queue.Enqueue((d, state)); // Timers post from their own threads.
            }
        }

        public void Drain()
        {
            while (true)
            {
                (SendOrPostCallback Work, object? State) item;
                lock (_queue)
                {
                    if (!_queue.TryDequeue(out item))
                    {
                        return;
                    }
                }

                item.Work(item.State);
            }
        }
    }
}
