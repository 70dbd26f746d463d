// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>A task under test and the controller that drives it now.</summary>
internal sealed class Subject(Workbench bench, Api.Task task, ITaskDependencies dependencies)
{
    private ITaskController? _controller;

    public Api.Task Task { get; } = task;

    public ITaskController Controller => _controller ??= bench.Executor.CreateController(Task, dependencies);

    /// <summary>Forgets the controller without closing it, as the death of an agent does.</summary>
    public void Lose() => _controller = null;

    /// <summary>Closes the controller and makes another.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        Lose();
    }

    public Task<CallEnd> CallAsync(string call, CancellationToken cancel = default) =>
        bench.CallAsync(call, token => Begin(call, token), cancel);

    /// <summary>Makes a call by its name, such as "start".</summary>
    public Task Begin(string call, CancellationToken cancel) => Workbench.Begin(
        call switch
        {
            "update" => token => Controller.UpdateAsync(Task, token),
            "prepare" => token => Controller.PrepareAsync(token),
            "start" => token => Controller.StartAsync(token),
            "wait" => token => Controller.WaitAsync(token),
            "shutdown" => token => Controller.ShutdownAsync(token),
            "terminate" => token => Controller.TerminateAsync(token),
            "remove" => token => Controller.RemoveAsync(token),
            "close" => _ => Controller.DisposeAsync().AsTask(),
            _ => throw new ArgumentException($"There is no call named {call}.", nameof(call)),
        },
        cancel);

    public async Task ExpectAsync(string call, CallEndKind allowed) =>
        Workbench.Require(await CallAsync(call), allowed, call);

    public Task PrepareAsync() => ExpectAsync("prepare", CallEndKind.Succeeded);

    public Task StartAsync() => ExpectAsync("start", CallEndKind.Succeeded);

    public Task ShutdownAsync() => ExpectAsync("shutdown", CallEndKind.Succeeded);

    public Task TerminateAsync() => ExpectAsync("terminate", CallEndKind.Succeeded);

    public Task RemoveAsync() => ExpectAsync("remove", CallEndKind.Succeeded);

    public Task CloseAsync() => ExpectAsync("close", CallEndKind.Succeeded);

    /// <summary>A wait tells that the work ended by itself with this code.</summary>
    public async Task ExpectExitAsync(int code)
    {
        CallEnd end = await CallAsync("wait");
        Workbench.Require(end, code == 0 ? CallEndKind.Succeeded : CallEndKind.Exited, $"the wait for work that ends with {code}");
        if (end.Error is TaskExitException exit)
        {
            Workbench.Require(exit.ExitCode == code, $"the work ended with code {code}, and wait told {exit.ExitCode}");
        }
    }

    public async Task<WorkObservation> LookAsync() => await bench.Target.ObserveAsync(Task, bench.Cancellation);

    /// <summary>The work runs, once: now or in a moment, but never twice.</summary>
    public Task ExpectRunningAsync() => bench.EventuallyAsync(
        "the work runs",
        async () =>
        {
            WorkObservation seen = await LookAsync();
            ExpectOneStart(seen);
            return seen.Running == 1;
        });

    /// <summary>Nothing of the work runs, at this very moment.</summary>
    public async Task ExpectStoppedAsync(string after)
    {
        WorkObservation seen = await LookAsync();
        Workbench.Require(seen.Running == 0, $"after {after} returned, the work still runs");
        ExpectOneStart(seen);
    }

    /// <summary>The work was never started.</summary>
    public async Task ExpectUnstartedAsync(string after)
    {
        WorkObservation seen = await LookAsync();
        Workbench.Require(seen.Running == 0 && seen.Starts is null or 0, $"after {after} the work has been started, and nobody asked for it");
    }

    public async Task ExpectGoneAsync(string after)
    {
        WorkObservation seen = await LookAsync();
        Workbench.Require(seen.Running == 0, $"after {after} returned, the work still runs");
        Workbench.Require(!seen.IsLeft, $"after {after} returned, something of the task is left");
    }

    /// <summary>What ends every case: a controller made anew removes the task, whatever state it is in.</summary>
    public async Task RemoveAnewAsync()
    {
        Lose();
        await RemoveAsync();
        await ExpectGoneAsync("remove");
        await CloseAsync();
    }

    private static void ExpectOneStart(WorkObservation seen) => Workbench.Require(
        seen.Running <= 1 && seen.Starts is null or <= 1, $"the work was started {seen.Starts} times, and {seen.Running} of it run");
}
