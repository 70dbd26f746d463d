// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>The executor of work inside the host program; its work counts itself.</summary>
internal sealed class InProcessTarget : IExecutorConformanceTarget
{
    private readonly ConcurrentDictionary<string, Counted> _works = new();

    // What runs in a process cannot be killed, and dies with it.
    public ConformanceFeatures Features => ConformanceFeatures.Exits | ConformanceFeatures.Logs | ConformanceFeatures.Ports
        | ConformanceFeatures.Resources | ConformanceFeatures.Secrets;

    public ValueTask<IExecutor> CreateExecutorAsync(CancellationToken cancellationToken)
    {
        var options = new InProcessExecutorOptions { NanoCpus = 1_000_000_000, MemoryBytes = 1 << 30 };
        return new(new InProcessExecutor(new ThreadPoolMailboxFactory(), options).Register("conformance", RunAsync));
    }

    public ValueTask LetGoAsync(IExecutor executor, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public TaskSpec BuildSpec(string taskId, ConformanceWork work)
    {
        _works[taskId] = new Counted(work);
        string name = work.CannotBePrepared ? "nobody registered this" : "conformance";
        var task = new TaskSpec { Generic = InProcessExecutor.Pack(new InProcessSpec { Name = name }) };
        if (work.SecretId is { } secret)
        {
            task.ResourceReferences.Add(new ResourceReference { ResourceId = secret, ResourceType = ResourceType.Secret });
        }

        return task;
    }

    public ValueTask<WorkObservation> ObserveAsync(Api.Task task, CancellationToken cancellationToken)
    {
        Counted work = _works[task.Id];
        return new(new WorkObservation(Volatile.Read(ref work.Running), Volatile.Read(ref work.Starts), IsLeft: false));
    }

    private async Task RunAsync(InProcessTaskContext context, CancellationToken stop)
    {
        Counted work = _works[context.Task.Id];
        Interlocked.Increment(ref work.Starts);
        Interlocked.Increment(ref work.Running);
        try
        {
            foreach (string line in work.Work.OutputLines)
            {
                context.WriteLine(line);
            }

            foreach (string line in work.Work.ErrorLines)
            {
                context.WriteErrorLine(line);
            }

            if (work.Work.Port is { } port)
            {
                context.ReportPort(port);
            }

            await (work.Work.ExitCode switch
            {
                null => Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop),
                0 => Task.CompletedTask,
                { } code => throw new TaskExitException(code),
            });
        }
        finally
        {
            Interlocked.Decrement(ref work.Running);
        }
    }

    private sealed class Counted(ConformanceWork work)
    {
        public int Starts;
        public int Running;

        public ConformanceWork Work => work;
    }
}
