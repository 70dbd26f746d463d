// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>
/// Every call is cancelled before it begins and at moments spread over the time it takes. A cancelled call ends, and leaves the task so
/// that making the call again leads on.
/// </summary>
internal static class CancellationCases
{
    private const int Moments = 6;
    private const CallEndKind Either = CallEndKind.Succeeded | CallEndKind.Cancelled;
    private static readonly TimeSpan LongGrace = TimeSpan.FromHours(1);

    public static void AddTo(CaseList cases)
    {
        foreach (string call in new[] { "update", "prepare", "start", "shutdown", "terminate", "remove" })
        {
            cases.Add(
                $"Cancel_{char.ToUpperInvariant(call[0])}{call[1..]}_LeavesTheTaskUsable",
                $"A cancelled {call} ends, and the calls that follow lead on; the work is started at most once.",
                bench => AtEveryMomentAsync(bench, call));
        }

        cases.Add("Cancel_Wait_LeavesTheWorkRunning", "A cancelled wait ends as cancelled; the work goes on and can be waited for again.", WaitAsync);
        cases.Add(
            ConformanceFeatures.Kill, "Cancel_ShutdownOfStubbornWork_EndsAtOnce",
            "A cancelled shutdown does not wait for the grace period; terminate then ends the work.", StubbornAsync);
    }

    private static async Task AtEveryMomentAsync(Workbench bench, string call)
    {
        TimeSpan whole = await DurationAsync(bench, call);
        for (int moment = 0; moment <= Moments; moment++)
        {
            Subject subject = await BeforeAsync(bench, call);
            using CancellationTokenSource cancel = moment == 0 ? new() : new(whole * moment / Moments, bench.Time);
            if (moment == 0)
            {
                cancel.Cancel();
            }

            Workbench.Require(await subject.CallAsync(call, cancel.Token), Either, $"the cancelled {call}");
            await LeadOnAsync(subject, call);
        }
    }

    private static async Task<TimeSpan> DurationAsync(Workbench bench, string call)
    {
        Subject subject = await BeforeAsync(bench, call);
        long begin = bench.Time.GetTimestamp();
        await subject.ExpectAsync(call, CallEndKind.Succeeded);
        return bench.Time.GetElapsedTime(begin);
    }

    private static async Task<Subject> BeforeAsync(Workbench bench, string call)
    {
        Subject subject = bench.NewTask();
        if (call is "prepare")
        {
            return subject;
        }

        await subject.PrepareAsync();
        if (call is not "start")
        {
            await subject.StartAsync();
            await subject.ExpectRunningAsync();
        }

        return subject;
    }

    // As an agent would: the call again, then what comes next.
    private static async Task LeadOnAsync(Subject subject, string call)
    {
        switch (call)
        {
            case "prepare":
                await subject.ExpectAsync("prepare", CallEndKind.Succeeded | CallEndKind.AlreadyPrepared);
                await subject.ExpectUnstartedAsync("prepare");
                await subject.StartAsync();
                await subject.ExpectRunningAsync();
                break;
            case "start":
                await subject.ExpectAsync("start", CallEndKind.Succeeded | CallEndKind.AlreadyStarted);
                await subject.ExpectRunningAsync();
                break;
            case "update":
                await subject.ExpectAsync("update", CallEndKind.Succeeded);
                await subject.ExpectRunningAsync();
                break;
            default:
                await subject.ExpectAsync(call, CallEndKind.Succeeded);
                await subject.ExpectStoppedAsync(call);
                break;
        }

        await subject.RemoveAnewAsync();
    }

    private static async Task WaitAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Workbench.Require(await subject.CallAsync("wait", cancelled.Token), CallEndKind.Cancelled, "a wait cancelled before it began");
        for (int times = 0; times < 3; times++)
        {
            var wait = PendingWait.Begin(bench, subject);
            await subject.ExpectRunningAsync();
            await wait.CancelAsync();
        }

        await bench.MomentAsync();
        await subject.ExpectRunningAsync();
        var last = PendingWait.Begin(bench, subject);
        await subject.ShutdownAsync();
        await last.ExpectEndAsync();
    }

    private static async Task StubbornAsync(Workbench bench)
    {
        Subject subject = await bench.StartedStubbornAsync(LongGrace);
        using var cancel = new CancellationTokenSource();
        Task shutdown = subject.Begin("shutdown", cancel.Token);
        await bench.MomentAsync();
        Workbench.Require(!shutdown.IsCompleted, "shutdown has ended before the grace period of work that does not stop");
        cancel.Cancel();
        await bench.EndAsync("the cancelled shutdown", shutdown);
        Workbench.Require(CallEnd.Of(shutdown), CallEndKind.Cancelled, "the cancelled shutdown");
        await subject.TerminateAsync();
        await subject.ExpectStoppedAsync("terminate");
    }
}
