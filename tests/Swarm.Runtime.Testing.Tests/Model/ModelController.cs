// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>Drives one task of the model world, with the executor's fault.</summary>
internal sealed class ModelController(ModelExecutor executor, ModelItem item, ITaskDependencies dependencies)
    : ITaskController, ITaskLogSource, IContainerStatusSource, IPortStatusSource
{
    private bool _closed;

    private bool Crashed => item.Epoch != 0 && item.Epoch != executor.Epoch;

    private bool Prepared => item.Prepared && !(executor.Has(Fault.ForgetsAfterCrash) && Crashed);

    private bool Started => item.Starts > 0 && !(executor.Has(Fault.ForgetsAfterCrash) && Crashed);

    public Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default) => EnterAsync();

    public async Task PrepareAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (Prepared && !executor.Has(Fault.ForgetsThatItIsPrepared))
        {
            throw Error(TaskControllerErrorKind.AlreadyPrepared);
        }

        if (item.Work.CannotBePrepared)
        {
            throw Error(executor.Has(Fault.CallsTheImpossibleTemporary) ? TaskControllerErrorKind.Temporary : TaskControllerErrorKind.Fatal);
        }

        if (item.Work.SecretId is { } secret && dependencies.GetSecret(secret) is null)
        {
            throw Error(executor.Has(Fault.GivesUpOnASecret) ? TaskControllerErrorKind.Fatal : TaskControllerErrorKind.Temporary);
        }

        item.Prepared = true;
        item.Epoch = executor.Epoch;
        if (executor.Has(Fault.StartsWhenPrepared))
        {
            item.Run(TimeProvider.System);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync();
        if (cancellationToken.IsCancellationRequested)
        {
            item.Running += executor.Has(Fault.CancelledStartDoublesTheWork) ? 1 : 0;
            throw new OperationCanceledException(cancellationToken);
        }

        if (Started && !executor.Has(Fault.StartsAgainWhenAsked))
        {
            throw Error(TaskControllerErrorKind.AlreadyStarted);
        }

        item.Epoch = executor.Epoch;
        if (!executor.Has(Fault.SaysStartedButIsNot))
        {
            item.Run(TimeProvider.System);
        }

        if (executor.Has(Fault.StartsTwice))
        {
            item.Run(TimeProvider.System);
        }
    }

    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync();
        if (!executor.Has(Fault.WaitEndsEarly))
        {
            try
            {
                await item.Ended.Task.WaitAsync(executor.Has(Fault.WaitHangsOnCancel) ? CancellationToken.None : cancellationToken);
            }
            catch (OperationCanceledException) when (executor.Has(Fault.CancelledWaitKillsTheWork))
            {
                item.End(137);
                throw;
            }
        }

        bool forgets = executor.Has(Fault.WaitForgetsTheExitCode) || (executor.Has(Fault.ForgetsTheExitCodeAfterCrash) && Crashed);
        if (item.ExitCode != 0 && !(item.Work.ExceedsItsMemory && executor.Has(Fault.IgnoresLimits)))
        {
            throw new TaskExitException(forgets ? TaskExitException.UnknownExitCode : item.ExitCode);
        }
    }

    public async Task ShutdownAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync();
        if (executor.Has(Fault.ShutdownFailsWhenNotStarted) && !Started)
        {
            throw Error(TaskControllerErrorKind.Fatal);
        }

        if (executor.Has(Fault.ShutdownStopsOthers))
        {
            executor.Items.ToList().ForEach(static other => other.End(143));
        }

        if (item.Work.IgnoresStop && item.Running > 0 && !executor.Has(Fault.ShutdownForcesAtOnce))
        {
            TimeSpan grace = executor.Has(Fault.ShutdownNeverForces) ? Timeout.InfiniteTimeSpan : item.Work.StopGrace!.Value;
            CancellationToken cancel = executor.Has(Fault.ShutdownHangsOnCancel) ? CancellationToken.None : cancellationToken;
            await Task.Delay(grace, TimeProvider.System, cancel);
        }

        if (!executor.Has(Fault.ShutdownReturnsEarly))
        {
            item.End(143);
        }
    }

    public async Task TerminateAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync();
        if (executor.Has(Fault.TerminateWaitsForTheGrace))
        {
            await ShutdownAsync(cancellationToken);
        }

        item.End(137);
    }

    public async Task RemoveAsync(CancellationToken cancellationToken = default)
    {
        await EnterAsync();
        if (item.Removed && executor.Has(Fault.RemoveFailsWhenRemoved))
        {
            throw Error(TaskControllerErrorKind.Fatal);
        }

        item.End(137);
        item.Removed = !executor.Has(Fault.RemoveLeavesThingsBehind);
    }

    public IAsyncEnumerable<TaskLogLine> ReadLogsAsync(LogSubscriptionOptions options, CancellationToken cancellationToken = default) =>
        ModelLogs.ReadAsync(executor, item, Crashed, options, cancellationToken);

    public Task<ContainerStatus?> GetContainerStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(
        item.Starts > 0 || executor.Has(Fault.HasAStatusTooEarly) ? new ContainerStatus { ExitCode = item.ExitCode } : null);

    public Task<PortStatus?> GetPortStatusAsync(CancellationToken cancellationToken = default)
    {
        bool hides = executor.Has(Fault.HidesPorts) || (executor.Has(Fault.ForgetsPortsAfterCrash) && Crashed);
        int? port = executor.Has(Fault.InventsPorts) ? 1 : item.Work.Port;
        return Task.FromResult(port is not { } number || hides ? null : new PortStatus
        {
            Ports = { new PortConfig { TargetPort = (uint)number, PublishedPort = (uint)number } },
        });
    }

    public ValueTask DisposeAsync()
    {
        _closed = true;
        if (executor.Has(Fault.CloseStopsTheWork))
        {
            item.End(137);
        }

        return ValueTask.CompletedTask;
    }

    private static TaskControllerException Error(TaskControllerErrorKind kind) => new(kind, "model");

    private async Task EnterAsync()
    {
        await Task.Yield();
        if (executor.Has(Fault.ThrowsAnything))
        {
            throw new InvalidOperationException("model");
        }

        if (_closed && !executor.Has(Fault.WorksAfterClose))
        {
            throw Error(TaskControllerErrorKind.Closed);
        }
    }
}
