// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime.Docker.Containers;
using Swarm.Runtime.Docker.Engine;
using Swarm.Runtime.Docker.Logs;
using ContainerStatus = Swarm.Api.ContainerStatus;
using PortStatus = Swarm.Api.PortStatus;

namespace Swarm.Runtime.Docker;

/// <summary>Drives the container of one task. All it knows it reads from the engine, so a controller made anew goes on where one ended.</summary>
internal sealed class DockerTaskController(Api.Task task, ITaskDependencies dependencies, DockerServices services)
    : ITaskController, ITaskLogSource, IContainerStatusSource, IPortStatusSource
{
    private const int HiddenLooksMax = 100;
    private static readonly TimeSpan HiddenPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StreamsApartMax = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Api.Task _task = task;
    private string? _containerId;
    private bool _isClosed;

    private string Name => TaskNaming.Name(_task);

    public Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default)
    {
        CheckOpen();
        _task = task;
        return Task.CompletedTask;
    }

    public Task PrepareAsync(CancellationToken cancellationToken = default) => CallAsync(
        async stop =>
        {
            if (await FindAsync(stop) is not null)
            {
                throw new TaskControllerException(TaskControllerErrorKind.AlreadyPrepared, $"task {_task.Id} has been prepared");
            }

            ContainerPlan plan = await PlanAsync(stop);
            await services.Puller.EnsureAsync(plan.Image, plan.RegistryAuth, stop);
            services.Files.Write(plan, _task);
            await CreateAsync(plan, stop);
            _prepared.TrySetResult();
        },
        cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken = default) => CallAsync(
        async stop =>
        {
            ContainerInspectResponse container = await FindAsync(stop) ?? throw Fatal("has not been prepared, or its container was removed");
            bool started = ContainerEnd.WasStarted(container);
            if (!started)
            {
                if (TaskFiles.Needed(_task))
                {
                    services.Files.Write(await PlanAsync(stop), _task);
                }

                await services.Starts.WaitAsync(stop);
                try
                {
                    await services.Access.CallAsync<bool>((client, token) => client.Containers.StartContainerAsync(container.ID, null, token), stop);
                }
                finally
                {
                    services.Starts.Release();
                }
            }

            await WaitHealthyAsync(container.ID, stop);
            if (started)
            {
                throw new TaskControllerException(TaskControllerErrorKind.AlreadyStarted, $"task {_task.Id} has been started");
            }
        },
        cancellationToken);

    public Task WaitAsync(CancellationToken cancellationToken = default) => CallAsync(
        async stop =>
        {
            string id = _containerId ?? await WaitFoundAsync(stop);
            ContainerInspectResponse? end = await UntilAsync(
                id, static c => c is null || !ContainerEnd.WasStarted(c) || ContainerEnd.HasEnded(c) || ContainerEnd.IsUnhealthy(c), stop);
            if (end is not null && !ContainerEnd.WasStarted(end))
            {
                throw Fatal("has not been started");
            }

            if (end is not null && !ContainerEnd.HasEnded(end))
            {
                await StopAsync(id, stop);
                throw new TaskControllerException(ContainerEnd.UnhealthyText(end));
            }

            bool outOfMemory = end is not null && await OutOfMemory.EndedAsync(await services.Access.ConnectAsync(stop), end, stop);
            ContainerEnd.ThrowIfFailed(end, Name, outOfMemory);
        },
        cancellationToken);

    public Task ShutdownAsync(CancellationToken cancellationToken = default) => CallAsync(
        async stop =>
        {
            if (await FindAsync(stop) is { } container)
            {
                await StopAsync(container.ID, stop);
            }
        },
        cancellationToken);

    public Task TerminateAsync(CancellationToken cancellationToken = default) => CallAsync(
        async stop =>
        {
            if (await FindAsync(stop) is { } container)
            {
                await KillAsync(container.ID, stop);
            }
        },
        cancellationToken);

    public Task RemoveAsync(CancellationToken cancellationToken = default) => CallAsync(
        async stop =>
        {
            if (await FindAsync(stop) is { } container)
            {
                // Who wants it to end in its own time has shut it down before.
                await services.RemoveAsync(container.ID, stop);
                await UntilAsync(container.ID, static c => c is null, stop);
            }

            services.Files.Delete(_task.NodeId, _task.Id);
            services.Forget(_task.Id);
        },
        cancellationToken);

    public async IAsyncEnumerable<TaskLogLine> ReadLogsAsync(
        LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        CheckOpen();
        while (await FindAsync(cancellationToken) is null)
        {
            if (!options.Follow)
            {
                yield break;
            }

            await _prepared.Task.WaitAsync(cancellationToken);
        }

        DateTimeOffset? after = null;
        var last = new Dictionary<LogStream, DateTimeOffset>();
        int skip = LogSelection.Skip(options);
        while (true)
        {
            // What an earlier reading gave; within one, times go back and forth between the two streams, and each line counts.
            var given = new Dictionary<LogStream, DateTimeOffset>(last);
            IAsyncEnumerable<TaskLogLine> reading = ContainerLog.ReadAsync(
                services.Access, _containerId!, options, after, services.Options.LogLineBytesMax, cancellationToken);
            await using IAsyncEnumerator<TaskLogLine> lines = reading.GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(lines, options.Follow, cancellationToken))
            {
                TaskLogLine line = lines.Current;
                if (given.TryGetValue(line.Stream, out DateTimeOffset seen) && line.Timestamp <= seen)
                {
                    continue;
                }

                last[line.Stream] = line.Timestamp;
                if (skip-- <= 0)
                {
                    yield return line;
                }
            }

            ContainerInspectResponse? now = options.Follow ? await UntilAsync(_containerId!, static _ => true, cancellationToken) : null;
            if (now is null || ContainerEnd.HasEnded(now))
            {
                yield break;
            }

            after = Resume(last, options);
            await Task.Delay(services.Options.ReconnectDelay, services.Time, cancellationToken);
        }
    }

    public async Task<ContainerStatus?> GetContainerStatusAsync(CancellationToken cancellationToken = default)
    {
        CheckOpen();
        return await FindAsync(cancellationToken) is { } container && ContainerEnd.WasStarted(container)
            ? new ContainerStatus
            {
                ContainerId = container.ID,
                Pid = (int)(container.State?.Pid ?? 0),
                ExitCode = ContainerEnd.HasEnded(container) ? (int)(container.State?.ExitCode ?? 0) : 0,
            }
            : null;
    }

    public async Task<PortStatus?> GetPortStatusAsync(CancellationToken cancellationToken = default)
    {
        CheckOpen();
        return await FindAsync(cancellationToken) is { } container ? ContainerPorts.Of(container, _task) : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            await _closed.CancelAsync();
        }
    }

    // A little before the last line: a line of the other stream may have been written after it with an earlier time.
    private static DateTimeOffset? Resume(Dictionary<LogStream, DateTimeOffset> last, LogSubscriptionOptions options)
    {
        if (last.Count == 0)
        {
            return null;
        }

        DateTimeOffset from = last.Values.Max() - StreamsApartMax;
        return options.Since?.ToDateTimeOffset() is { } since && since > from ? since : from;
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<TaskLogLine> lines, bool goesOn, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (Exception e) when (EngineAccess.IsGone(e) || e is SwarmException { Code: SwarmErrorCode.Unavailable })
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Who does not follow would take what came so far for all there is.
            return goesOn ? false : throw e as SwarmException ?? services.Access.Gone(e);
        }
        catch (DockerApiException e)
        {
            throw Fatal($"has output that cannot be read: {EngineAccess.TextOf(e)}");
        }
    }

    private async Task<ContainerPlan> PlanAsync(CancellationToken stop)
    {
        EngineSession session = await services.Access.ConnectAsync(stop);
        return ContainerPlanner.Plan(
            _task,
            new ContainerPlanContext(_task.NodeId, session.Version, services.Files.DirectoryOf(_task.NodeId), dependencies)
            {
                Node = services.Description,
            });
    }

    private async Task CreateAsync(ContainerPlan plan, CancellationToken stop)
    {
        await services.Starts.WaitAsync(stop);
        try
        {
            CreateContainerResponse created = await services.Access.CallAsync<CreateContainerResponse>(
                (client, token) => client.Containers.CreateContainerAsync(plan.Create, token), stop);
            _containerId = created.ID;
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            await FindMadeAsync(EngineAccess.TextOf(e), stop);
        }
        finally
        {
            services.Starts.Release();
        }
    }

    // The name is taken by a call whose answer got lost, or by somebody else. An engine takes the name before it shows the container, and
    // gives it free after it has ceased to show it; no event tells that moment.
    private async Task FindMadeAsync(string refusal, CancellationToken stop)
    {
        for (int looks = 0; looks < HiddenLooksMax; looks++)
        {
            // Looked at once: a second look could see what the first did not, and take its own container for somebody else's.
            if (await services.InspectAsync(Name, stop) is { } there)
            {
                _ = Adopt(there) ?? throw Fatal($"cannot have its container: {refusal}");
                return;
            }

            await Task.Delay(HiddenPause, services.Time, stop);
        }

        throw new TaskControllerException(TaskControllerErrorKind.Temporary, $"task {_task.Id} cannot have its container yet: {refusal}");
    }

    private async Task WaitHealthyAsync(string id, CancellationToken stop)
    {
        ContainerInspectResponse? now = await UntilAsync(
            id, static c => c is null || ContainerEnd.HasEnded(c) || !ContainerEnd.IsStartingHealth(c), stop);
        if (now is null || ContainerEnd.HasEnded(now))
        {
            // What has no health check may end before anybody looks: that it ran is for the wait to tell.
            if (now is null || now.State?.Health is { Status: not "none" and not "" and not null })
            {
                ContainerEnd.ThrowIfFailed(now, Name);
            }
        }
        else if (ContainerEnd.IsUnhealthy(now))
        {
            await StopAsync(id, stop);
            throw new TaskControllerException(ContainerEnd.UnhealthyText(now));
        }
    }

    private async Task StopAsync(string id, CancellationToken stop)
    {
        TimeSpan grace = ContainerPlanner.StopGrace(_task.Spec?.Container) ?? services.Options.StopGracePeriod;
        await services.StopAsync(id, grace, stop);
        await UntilAsync(id, static c => c is null || !ContainerEnd.WasStarted(c) || ContainerEnd.HasEnded(c), stop);
    }

    private async Task KillAsync(string id, CancellationToken stop)
    {
        try
        {
            await services.Access.CallAsync(
                (client, token) => client.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = "SIGKILL" }, token), stop);
        }
        catch (DockerApiException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // It does not run.
        }
        catch (DockerApiException e) when (EngineAccess.TextOf(e).Contains("is not running", StringComparison.Ordinal))
        {
            // So say older engines.
        }

        await UntilAsync(id, static c => c is null || !ContainerEnd.WasStarted(c) || ContainerEnd.HasEnded(c), stop);
    }

    private async Task<string> WaitFoundAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                ContainerInspectResponse? found = await FindAsync(stop);
                ContainerEnd.ThrowIfGone(found, Name);
                return found!.ID;
            }
            catch (SwarmException e) when (e.Code == SwarmErrorCode.Unavailable)
            {
                await Task.Delay(services.Options.ReconnectDelay, services.Time, stop);
            }
        }
    }

    // Looks at the container now and whenever the engine says that something happened to it. While the engine is gone, it waits for it.
    private async Task<ContainerInspectResponse?> UntilAsync(string id, Func<ContainerInspectResponse?, bool> done, CancellationToken stop)
    {
        using ContainerWatch watch = services.Events.Watch(id);
        while (true)
        {
            try
            {
                ContainerInspectResponse? now = await services.InspectAsync(id, stop);
                if (done(now))
                {
                    return now;
                }

                await watch.WaitAsync(stop);
            }
            catch (SwarmException e) when (e.Code == SwarmErrorCode.Unavailable)
            {
                await Task.Delay(services.Options.ReconnectDelay, services.Time, stop);
            }
        }
    }

    // By name first: one look-up, also for a controller made anew. The labels say whether it is ours.
    private async Task<ContainerInspectResponse?> FindAsync(CancellationToken stop)
    {
        ContainerInspectResponse? found = await services.InspectAsync(_containerId ?? Name, stop);
        return found is null ? null : Adopt(found);
    }

    private ContainerInspectResponse? Adopt(ContainerInspectResponse found)
    {
        if (!ContainerEnd.BelongsTo(found, _task))
        {
            return null;
        }

        _containerId = found.ID;
        _prepared.TrySetResult();
        return found;
    }

    private async Task CallAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        CheckOpen();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        try
        {
            await call(both.Token);
        }
        catch (OperationCanceledException) when (_isClosed && !cancellationToken.IsCancellationRequested)
        {
            CheckOpen();
        }
        catch (DockerApiException e)
        {
            throw new TaskControllerException(EngineAccess.TextOf(e), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskControllerException($"task {_task.Id}: {e.Message}", e);
        }
    }

    private void CheckOpen()
    {
        if (_isClosed)
        {
            throw new TaskControllerException(TaskControllerErrorKind.Closed, $"the controller of task {_task.Id} is closed");
        }
    }

    private TaskControllerException Fatal(string what) => new(string.Create(CultureInfo.InvariantCulture, $"task {_task.Id} {what}"));
}
