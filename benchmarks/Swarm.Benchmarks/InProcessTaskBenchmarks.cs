// SPDX-License-Identifier: Apache-2.0
using BenchmarkDotNet.Attributes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Benchmarks;

/// <summary>What a task inside the host program costs the executor: prepared, started, stopped and removed. Figures are per task.</summary>
[MemoryDiagnoser]
public class InProcessTaskBenchmarks
{
    private const int Tasks = 10_000;
    private readonly Api.Task[] _tasks = new Api.Task[Tasks];
    private InProcessExecutor _executor = null!;

    [GlobalSetup]
    public void Setup()
    {
        _executor = new InProcessExecutor(new ThreadPoolMailboxFactory(TimeProvider.System));
        _executor.Register("idle", static async (_, stop) =>
        {
            var stopped = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
            await stopped.Task;
        });
        for (int i = 0; i < Tasks; i++)
        {
            _tasks[i] = new Api.Task
            {
                Id = $"task{i}",
                Spec = new TaskSpec { Generic = InProcessExecutor.Pack(new InProcessSpec { Name = "idle" }) },
            };
        }
    }

    [Benchmark(OperationsPerInvoke = Tasks)]
    public async System.Threading.Tasks.Task LifeOfTenThousandAtOnce()
    {
        var controllers = new ITaskController[Tasks];
        for (int i = 0; i < Tasks; i++)
        {
            controllers[i] = _executor.CreateController(_tasks[i], NoTaskDependencies.Instance);
            await controllers[i].PrepareAsync();
            await controllers[i].StartAsync();
        }

        foreach (ITaskController controller in controllers)
        {
            await controller.ShutdownAsync();
            await controller.RemoveAsync();
            await controller.DisposeAsync();
        }
    }
}
