// SPDX-License-Identifier: Apache-2.0
using BenchmarkDotNet.Attributes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Benchmarks;

/// <summary>The store with 10,000 tasks of 100 services: a whole write, from command to committed answer, and reads.</summary>
[MemoryDiagnoser]
public class StoreBenchmarks : IDisposable
{
    private const int Tasks = 10_000;
    private const int Services = 100;

    private readonly QueueMailbox _mailbox = new();
    private readonly string[] _ids = new string[Tasks];
    private StoreWriter _writer = null!;
    private LocalProposer _log = null!;
    private int _next;

    /// <summary>Fills the store.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _log = new LocalProposer(_mailbox);
        _writer = new(new(), _log, [], _mailbox, seed: 1);
        _writer.Start();
        _mailbox.RunAll();
        var ids = new SeededIdSource(new SeededRandom(1));
        for (int i = 0; i < Tasks; i++)
        {
            int n = i;
            _ids[i] = ids.NewId();
            _ = _writer.SubmitAsync("fill", tx => tx.Create(new Api.Task
            {
                Id = _ids[n],
                ServiceId = $"service-{n % Services}",
                Slot = (ulong)(n / Services) + 1,
                NodeId = $"node-{n % 1000}",
                DesiredState = TaskState.Running,
                Status = new() { State = TaskState.Running },
                Spec = new() { Container = new() { Image = "nginx" } },
                ServiceAnnotations = new() { Name = $"web-{n % Services}" },
            }));
            _mailbox.RunAll();
        }
    }

    /// <summary>Ends the writer.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _ = _writer.DisposeAsync().AsTask();
        _log.Dispose();
        _mailbox.RunAll();
        GC.SuppressFinalize(this);
    }

    /// <summary>A command that updates the status of some tasks, through turn, entry and commit.</summary>
    [Benchmark]
    [Arguments(1)]
    [Arguments(200)]
    public bool Transaction(int updates)
    {
        System.Threading.Tasks.Task done = _writer.SubmitAsync("status", tx =>
        {
            for (int i = 0; i < updates; i++)
            {
                _next = (_next + 7919) % Tasks;
                Api.Task task = tx.Get<Api.Task>(_ids[_next])!;
                tx.Update(task.WithStatus(new Api.TaskStatus { State = TaskState.Running, Timestamp = tx.Now }));
            }
        });
        _mailbox.RunAll();
        return done.IsCompletedSuccessfully;
    }

    /// <summary>One task by id.</summary>
    [Benchmark]
    public Api.Task? Get()
    {
        _next = (_next + 7919) % Tasks;
        return _writer.Committed.Get<Api.Task>(_ids[_next]);
    }

    /// <summary>The 100 tasks of a service, through its index.</summary>
    [Benchmark]
    public int TasksByService()
    {
        int count = 0;
        foreach (Api.Task task in _writer.Committed.TasksByService("service-42"))
        {
            count += task.Id.Length;
        }

        return count;
    }

    /// <summary>All tasks in order.</summary>
    [Benchmark]
    public int All()
    {
        int count = 0;
        foreach (Api.Task task in _writer.Committed.All<Api.Task>())
        {
            count += task.Id.Length;
        }

        return count;
    }

    // Runs what is posted when it is told to, on the thread of the benchmark.
    private sealed class QueueMailbox : Mailbox
    {
        private readonly Queue<(SendOrPostCallback Work, object? State)> _queue = new();

        public override string Name => "benchmark";

        public override TimeProvider Time => TimeProvider.System;

        public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

        public void RunAll()
        {
            while (_queue.TryDequeue(out (SendOrPostCallback Work, object? State) item))
            {
                item.Work(item.State);
            }
        }
    }
}
