// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>The agent dies, at any moment, and comes back over the same place.</summary>
internal static class CrashCases
{
    private const int Moments = 6;
    private const ConformanceFeatures Adoption = ConformanceFeatures.Adoption;
    private const ConformanceFeatures Exits = ConformanceFeatures.Adoption | ConformanceFeatures.Exits;

    public static void AddTo(CaseList cases)
    {
        foreach (string call in new[] { "prepare", "start", "shutdown", "terminate", "remove" })
        {
            cases.Add(
                Adoption, $"Crash_During{char.ToUpperInvariant(call[0])}{call[1..]}_LeadsOn",
                $"An agent that dies while {call} is under way leads the task on when it is back; the work is started at most once.",
                bench => DuringAsync(bench, call));
        }

        cases.Add(Adoption, "Crash_AgainAndAgain_IsTheSameWork", "However often the agent dies, the work goes on and is not doubled.", AgainAsync);
        cases.Add(
            Exits, "Crash_WorkEndedMeanwhile_ExitCodeIsKnown", "The exit code of work that ended while no agent was there is told.",
            bench => MeanwhileAsync(bench, waitsFirst: false));
        cases.Add(
            Exits, "Crash_AfterTheEnd_ExitCodeIsKnown", "The exit code of work that ended before the agent died is still told.",
            bench => MeanwhileAsync(bench, waitsFirst: true));
        cases.Add("Reconcile_UnknownTasks_AreEndedAndRemoved", "Work of tasks the node no longer has is ended; that of the others is kept.", ReconcileAsync);
    }

    private static async Task DuringAsync(Workbench bench, string call)
    {
        TimeSpan whole = TimeSpan.Zero;
        for (int moment = 0; moment <= Moments; moment++)
        {
            Subject subject = bench.NewTask();
            await UpToAsync(subject, call);
            using var dies = new CancellationTokenSource();
            long begin = bench.Time.GetTimestamp();
            Task under = subject.Begin(call, dies.Token);
            if (moment == 0)
            {
                // The first goes through and tells how long the call takes.
                await bench.EndAsync(call, under);
                whole = bench.Time.GetElapsedTime(begin);
            }
            else
            {
                await Task.Delay(whole * (moment - 1) / Moments, bench.Time, bench.Cancellation);
            }

            dies.Cancel();
            await bench.CrashAsync(under);
            await LeadOnAsync(subject, call);
        }
    }

    private static async Task UpToAsync(Subject subject, string call)
    {
        if (call is "prepare")
        {
            return;
        }

        await subject.PrepareAsync();
        if (call is not "start")
        {
            await subject.StartAsync();
            await subject.ExpectRunningAsync();
        }
    }

    private static async Task LeadOnAsync(Subject subject, string call)
    {
        switch (call)
        {
            case "prepare" or "start":
                if (call is "prepare")
                {
                    await subject.ExpectAsync("prepare", CallEndKind.Succeeded | CallEndKind.AlreadyPrepared);
                    await subject.ExpectUnstartedAsync("prepare");
                }

                await subject.ExpectAsync("start", CallEndKind.Succeeded | CallEndKind.AlreadyStarted);
                await subject.ExpectRunningAsync();
                break;
            default:
                await subject.ExpectAsync(call, CallEndKind.Succeeded);
                await subject.ExpectStoppedAsync(call);
                break;
        }

        await subject.RemoveAnewAsync();
    }

    private static async Task AgainAsync(Workbench bench)
    {
        Subject[] subjects = [await bench.StartedAsync(), await bench.StartedAsync()];
        for (int times = 0; times < 3; times++)
        {
            await bench.CrashAsync();
            foreach (Subject subject in subjects)
            {
                await subject.ExpectAsync("start", CallEndKind.AlreadyStarted);
                await subject.ExpectRunningAsync();
            }
        }

        var wait = PendingWait.Begin(bench, subjects[0]);
        await bench.MomentAsync();
        wait.ExpectPending();
        await subjects[0].ShutdownAsync();
        await subjects[0].ExpectStoppedAsync("shutdown");
        await wait.ExpectEndAsync();
        await subjects[1].ExpectRunningAsync();
    }

    private static async Task MeanwhileAsync(Workbench bench, bool waitsFirst)
    {
        const int code = 7;
        Subject subject = await bench.StartedAsync(ConformanceWork.UntilStopped with { ExitCode = code });
        if (waitsFirst)
        {
            await subject.ExpectExitAsync(code);
        }

        for (int times = 0; times < 2; times++)
        {
            await bench.CrashAsync();
            await subject.ExpectAsync("start", CallEndKind.AlreadyStarted);
            await subject.ExpectExitAsync(code);
        }

        WorkObservation seen = await subject.LookAsync();
        Workbench.Require(seen.Starts is null or 1, $"work that was started once has been started {seen.Starts} times");
    }

    private static async Task ReconcileAsync(Workbench bench)
    {
        Subject kept = await bench.StartedAsync();
        Subject unknown = await bench.StartedAsync();
        Subject prepared = bench.NewTask();
        await prepared.PrepareAsync();
        if (bench.Has(Adoption))
        {
            await bench.CrashAsync();
        }
        else
        {
            await kept.ReopenAsync();
            await unknown.ReopenAsync();
            await prepared.ReopenAsync();
        }

        for (int times = 0; times < 2; times++)
        {
            await bench.InTimeAsync("ReconcileAsync", bench.Executor.ReconcileAsync([kept.Task.Id, "not-here"], bench.Cancellation));
            await unknown.ExpectGoneAsync("reconcile");
            await prepared.ExpectGoneAsync("reconcile");
            await kept.ExpectRunningAsync();
        }

        await kept.ShutdownAsync();
        await kept.ExpectStoppedAsync("shutdown");
    }
}
