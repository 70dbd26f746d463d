// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Testing;

/// <summary>How work ends: by itself, by force, or never begins.</summary>
internal static class EndCases
{
    private const ConformanceFeatures Exits = ConformanceFeatures.Exits;
    private static readonly TimeSpan ShortGrace = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongGrace = TimeSpan.FromHours(1);

    public static void AddTo(CaseList cases)
    {
        foreach (int code in new[] { 0, 1, 7, 255 })
        {
            cases.Add(
                Exits, $"Exit_{code}_IsTold",
                $"Work that ends with code {code} ends the wait that way, however often one waits, and is not started again.",
                bench => ExitAsync(bench, code));
        }

        cases.Add(
            Exits, "Exit_WhileWaiting_EndsTheWait", "A wait that is pending when the work ends, ends with it.",
            async bench => await ExitAsync(bench, 3, waitFirst: true));
        cases.Add("Wait_WhileWorkRuns_StaysPending", "A wait does not end while the work runs.", PendingAsync);
        cases.Add("Prepare_Impossible_IsRefusedForGood", "What cannot run is refused by prepare with one line that says why.", ImpossibleAsync);
        cases.Add("Tasks_SideBySide_DoNotTouchEachOther", "Stopping one task stops no other.", SideBySideAsync);
        cases.Add(
            ConformanceFeatures.Kill, "Shutdown_StubbornWork_IsForcedAfterTheGrace",
            "Work that does not heed the request to stop is ended by force once its grace is over.", StubbornShutdownAsync);
        cases.Add(
            ConformanceFeatures.Kill, "Terminate_StubbornWork_IsForcedAtOnce", "Terminate does not wait for the grace period.",
            bench => ForceAsync(bench, "terminate"));
        cases.Add(
            ConformanceFeatures.Kill, "Remove_StubbornWork_IsForcedAtOnce", "Remove ends work that still runs.",
            bench => ForceAsync(bench, "remove"));
        cases.Add(
            ConformanceFeatures.Limits, "Limit_MoreMemoryThanAllowed_EndsTheWork",
            "Work that takes more memory than its limit ends, and not with exit code 0.", LimitAsync);
    }

    private static async Task ExitAsync(Workbench bench, int code, bool waitFirst = false)
    {
        Subject subject = bench.NewTask(ConformanceWork.UntilStopped with { ExitCode = code });
        await subject.PrepareAsync();
        await subject.StartAsync();
        if (!waitFirst)
        {
            await bench.EventuallyAsync("the work has ended", async () => (await subject.LookAsync()) is { Running: 0, Starts: null or 1 });
        }

        await subject.ExpectExitAsync(code);
        await subject.ExpectAsync("start", CallEndKind.AlreadyStarted);
        await subject.ExpectAsync("prepare", CallEndKind.AlreadyPrepared);
        await subject.ExpectExitAsync(code);
        await subject.ReopenAsync();
        await subject.ExpectAsync("start", CallEndKind.AlreadyStarted);
        await subject.ExpectExitAsync(code);
        await subject.ShutdownAsync();
        await subject.TerminateAsync();
        await subject.ExpectExitAsync(code);
        await subject.ExpectStoppedAsync("its end");
        WorkObservation seen = await subject.LookAsync();
        Workbench.Require(seen.Starts is null or 1, $"work that was started once has been started {seen.Starts} times");
        if (subject.Controller is IContainerStatusSource source)
        {
            ContainerStatus? status = await source.GetContainerStatusAsync(bench.Cancellation);
            Workbench.Require(status?.ExitCode == code, $"the container status gives exit code {status?.ExitCode}, not {code}");
        }
    }

    private static async Task PendingAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync();
        var wait = PendingWait.Begin(bench, subject);
        await subject.ExpectRunningAsync();
        await bench.MomentAsync();
        await subject.ExpectRunningAsync();
        wait.ExpectPending();
        await subject.ShutdownAsync();
        await subject.ExpectStoppedAsync("shutdown");
        await wait.ExpectEndAsync();
    }

    private static async Task ImpossibleAsync(Workbench bench)
    {
        Subject subject = bench.NewTask(ConformanceWork.UntilStopped with { CannotBePrepared = true });
        for (int times = 0; times < 2; times++)
        {
            CallEnd end = await subject.CallAsync("prepare");
            Workbench.Require(end, CallEndKind.Fatal, "prepare of a task that cannot run");
            string message = end.Error!.Message;
            Workbench.Require(message.Trim().Length > 0 && !message.Contains('\n', StringComparison.Ordinal), $"not one line: '{message}'");
        }

        await subject.ShutdownAsync();
        await subject.ExpectUnstartedAsync("a refused prepare");
        await subject.RemoveAsync();
        await subject.ExpectGoneAsync("remove");
    }

    private static async Task SideBySideAsync(Workbench bench)
    {
        var subjects = new List<Subject>();
        for (int count = 0; count < 4; count++)
        {
            subjects.Add(await bench.StartedAsync());
        }

        await subjects[0].ShutdownAsync();
        await subjects[1].TerminateAsync();
        await subjects[2].RemoveAsync();
        await bench.MomentAsync();
        await subjects[0].ExpectStoppedAsync("shutdown");
        await subjects[1].ExpectStoppedAsync("terminate");
        await subjects[2].ExpectGoneAsync("remove");
        await subjects[3].ExpectRunningAsync();
    }

    private static async Task StubbornShutdownAsync(Workbench bench)
    {
        Subject subject = await bench.StartedStubbornAsync(ShortGrace);
        long begin = bench.Time.GetTimestamp();
        await subject.ShutdownAsync();
        TimeSpan taken = bench.Time.GetElapsedTime(begin);
        await subject.ExpectStoppedAsync("shutdown");

        // Timers may fire a little early.
        Workbench.Require(taken > ShortGrace / 2, $"shutdown took {taken.TotalMilliseconds:0} ms of a grace of {ShortGrace.TotalMilliseconds} ms");
        await subject.ExpectAsync("wait", CallEndKind.Exited);
    }

    private static async Task ForceAsync(Workbench bench, string call)
    {
        Subject subject = await bench.StartedStubbornAsync(LongGrace);
        await subject.ExpectAsync(call, CallEndKind.Succeeded);
        await subject.ExpectStoppedAsync(call);
    }

    private static async Task LimitAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync(ConformanceWork.UntilStopped with { ExceedsItsMemory = true });
        await subject.ExpectAsync("wait", CallEndKind.Exited);
        await subject.ExpectStoppedAsync("wait");
    }
}
