// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Runtime.Testing;

/// <summary>What work writes can be read: all of it, in order, once; also while it runs and after it has ended.</summary>
internal static class LogCases
{
    private const ConformanceFeatures Logs = ConformanceFeatures.Logs;
    private const ConformanceFeatures Exits = ConformanceFeatures.Logs | ConformanceFeatures.Exits;
    private const ConformanceFeatures Adoption = ConformanceFeatures.Logs | ConformanceFeatures.Adoption;
    private const int Many = 500;

    private static readonly string[] Out = ["first", "", "  with blanks  ", "überall ☃", "last"];
    private static readonly string[] Err = ["wrong", "very wrong"];

    private static ConformanceWork Talks => ConformanceWork.UntilStopped with { OutputLines = Out, ErrorLines = Err };

    private static IEnumerable<string> Lines => [.. Out.Select(static l => "Stdout " + l), .. Err.Select(static l => "Stderr " + l)];

    public static void AddTo(CaseList cases)
    {
        cases.Add(Logs, "Logs_OfRunningWork_AreAllThere", "Lines of running work can be read, each with its stream.", RunningAsync);
        cases.Add(
            Exits, "Logs_AfterTheEnd_AreAllThere", "Every line is there once the work has ended, the last one too, however often one reads.",
            EndedAsync);
        cases.Add(Exits, "Logs_ManyLines_KeepTheirOrder", $"{Many} lines arrive in the order they were written, each once.", ManyAsync);
        cases.Add(Exits, "Logs_Tail_GivesTheLastLines", "A tail of n (written as -(n+1)) gives the last n lines.", TailAsync);
        cases.Add(Exits, "Logs_Streams_AreToldApart", "Who asks for one stream gets that one only.", StreamsAsync);
        cases.Add(Exits, "Logs_Since_LeavesOutWhatIsOlder", "Lines older than asked for are left out.", SinceAsync);
        cases.Add(Exits, "Logs_Follow_EndsWithTheWork", "Following gives every line, and ends when the work does.", FollowExitAsync);
        cases.Add(Logs, "Logs_FollowRunningWork_StaysAndCanBeCancelled", "Following running work stays, until cancelled.", FollowAsync);
        cases.Add(Adoption, "Logs_AfterCrash_AreThereOnce", "After the agent died and came back each line is there, once.", CrashAsync);
    }

    private static async Task RunningAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync(Talks);
        await AllWrittenAsync(bench, subject);
        ExpectLines(Lines, await ReadAsync(bench, subject));
        await subject.ShutdownAsync();
        ExpectLines(Lines, await ReadAsync(bench, subject));
    }

    private static async Task EndedAsync(Workbench bench)
    {
        Subject subject = await EndedAsync(bench, Talks);
        ExpectLines(Lines, await ReadAsync(bench, subject));
        await subject.ReopenAsync();
        List<TaskLogLine> lines = await ReadRawAsync(bench, subject, new LogSubscriptionOptions());
        ExpectLines(Lines, [.. lines.Select(Text)]);
        foreach (LogStream stream in new[] { LogStream.Stdout, LogStream.Stderr })
        {
            DateTimeOffset[] times = [.. lines.Where(l => l.Stream == stream).Select(static l => l.Timestamp)];
            Workbench.Require(times.SequenceEqual(times.Order()), $"the times of the lines of {stream} go backwards");
        }
    }

    private static async Task ManyAsync(Workbench bench)
    {
        string[] many = [.. Enumerable.Range(1, Many).Select(static i => string.Create(CultureInfo.InvariantCulture, $"line {i}"))];
        Subject subject = await EndedAsync(bench, ConformanceWork.UntilStopped with { OutputLines = many });
        ExpectLines(many.Select(static l => "Stdout " + l), await ReadAsync(bench, subject));
    }

    private static async Task TailAsync(Workbench bench)
    {
        Subject subject = await EndedAsync(bench, ConformanceWork.UntilStopped with { OutputLines = Out });
        foreach (int count in new[] { 0, 1, 3, 100 })
        {
            var options = new LogSubscriptionOptions { Tail = -(count + 1) };
            ExpectLines(Out.TakeLast(count).Select(static l => "Stdout " + l), await ReadAsync(bench, subject, options));
        }
    }

    private static async Task StreamsAsync(Workbench bench)
    {
        Subject subject = await EndedAsync(bench, Talks);
        foreach (LogStream stream in new[] { LogStream.Stdout, LogStream.Stderr })
        {
            var options = new LogSubscriptionOptions { Streams = { stream } };
            string name = stream.ToString();
            ExpectLines(
                Lines.Where(line => line.StartsWith(name, StringComparison.Ordinal)), await ReadAsync(bench, subject, options));
        }
    }

    private static async Task SinceAsync(Workbench bench)
    {
        Subject subject = await EndedAsync(bench, Talks);
        List<TaskLogLine> all = await ReadRawAsync(bench, subject, new LogSubscriptionOptions());
        Workbench.Require(all.Count > 0, "no line is there");
        DateTimeOffset last = all.Max(static l => l.Timestamp);
        var later = new LogSubscriptionOptions { Since = Timestamp.FromDateTimeOffset(last + TimeSpan.FromMilliseconds(1)) };
        ExpectLines([], await ReadAsync(bench, subject, later));
        DateTimeOffset first = all.Min(static l => l.Timestamp);
        var before = new LogSubscriptionOptions { Since = Timestamp.FromDateTimeOffset(first - TimeSpan.FromSeconds(1)) };
        ExpectLines(Lines, await ReadAsync(bench, subject, before));
    }

    private static async Task FollowExitAsync(Workbench bench)
    {
        Subject subject = bench.NewTask(Talks with { ExitCode = 0 });
        await subject.PrepareAsync();
        Task<List<string>> follow = ReadAsync(bench, subject, new LogSubscriptionOptions { Follow = true });
        await subject.StartAsync();
        await subject.ExpectExitAsync(0);
        await bench.InTimeAsync("following the logs of work that has ended", follow);
        ExpectLines(Lines, await follow);
    }

    private static async Task FollowAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync(Talks);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(bench.Cancellation);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new List<string>();
        Task follow = FollowAsync(subject, line =>
        {
            seen.Add(line);
            if (seen.Count == Out.Length + Err.Length)
            {
                all.TrySetResult();
            }
        }, cancel.Token);
        await bench.InTimeAsync("following the logs of running work", all.Task);
        await bench.MomentAsync();
        Workbench.Require(!follow.IsCompleted, "following the logs has ended although the work runs");
        cancel.Cancel();
        await bench.EndAsync("following the logs after it was cancelled", follow);
        Workbench.Require(CallEnd.Of(follow), CallEndKind.Cancelled | CallEndKind.Succeeded, "following the logs, cancelled");
        ExpectLines(Lines, seen);
        await subject.ExpectRunningAsync();
    }

    private static async Task CrashAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync(Talks);
        for (int times = 0; times < 3; times++)
        {
            await bench.CrashAsync();
            await AllWrittenAsync(bench, subject);
            ExpectLines(Lines, await ReadAsync(bench, subject));
        }

        await subject.ShutdownAsync();
        ExpectLines(Lines, await ReadAsync(bench, subject));
    }

    private static async Task AllWrittenAsync(Workbench bench, Subject subject)
    {
        List<string> seen = [];
        try
        {
            await bench.EventuallyAsync(
                "all lines are there", async () => (seen = await ReadAsync(bench, subject)).Count >= Out.Length + Err.Length);
        }
        catch (ConformanceException e)
        {
            throw new ConformanceException($"{e.Message}; there are {Show([.. seen])}", e);
        }
    }

    private static async Task<Subject> EndedAsync(Workbench bench, ConformanceWork work)
    {
        Subject subject = await bench.StartedAsync(work with { ExitCode = 0 });
        await subject.ExpectExitAsync(0);
        return subject;
    }

    private static async Task<List<string>> ReadAsync(Workbench bench, Subject subject, LogSubscriptionOptions? options = null) =>
        [.. (await ReadRawAsync(bench, subject, options ?? new LogSubscriptionOptions())).Select(Text)];

    private static async Task<List<TaskLogLine>> ReadRawAsync(Workbench bench, Subject subject, LogSubscriptionOptions options)
    {
        var lines = new List<TaskLogLine>();
        Task reading = CollectAsync(Source(subject), options, lines.Add, bench.Cancellation);
        await bench.InTimeAsync("reading the logs", reading);
        return lines;
    }

    private static Task FollowAsync(Subject subject, Action<string> line, CancellationToken cancellation) =>
        CollectAsync(Source(subject), new LogSubscriptionOptions { Follow = true }, raw => line(Text(raw)), cancellation);

    private static async Task CollectAsync(
        ITaskLogSource source, LogSubscriptionOptions options, Action<TaskLogLine> add, CancellationToken cancellation)
    {
        await foreach (TaskLogLine line in source.ReadLogsAsync(options, cancellation))
        {
            // The bytes may be the reader's own buffer.
            add(line with { Data = line.Data.ToArray() });
        }
    }

    private static ITaskLogSource Source(Subject subject) => subject.Controller as ITaskLogSource
        ?? throw new ConformanceException("the executor claims Logs, but its controllers are no ITaskLogSource");

    private static string Text(TaskLogLine line) => $"{line.Stream} {Encoding.UTF8.GetString(line.Data.Span).TrimEnd('\r', '\n')}";

    // The two streams may be mixed in any way; each keeps its order.
    private static void ExpectLines(IEnumerable<string> expected, IReadOnlyList<string> seen)
    {
        string[] sorted = [.. seen.OrderBy(static line => line.StartsWith("Stderr", StringComparison.Ordinal))];
        string[] right = [.. expected];
        Workbench.Require(
            right.SequenceEqual(sorted, StringComparer.Ordinal),
            $"the logs are not what was written. Expected {Show(right)}; there are {Show(sorted)}");
    }

    private static string Show(string[] lines)
    {
        const int most = 12;
        string more = lines.Length > most ? $" and {lines.Length - most} more" : "";
        return $"{lines.Length} lines: [{string.Join(" | ", lines.Take(most))}]{more}";
    }
}
