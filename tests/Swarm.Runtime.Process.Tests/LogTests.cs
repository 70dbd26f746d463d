// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;
using Swarm.Api;

namespace Swarm.Runtime.Process.Tests;

public sealed class LogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-log-test-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ProcessExecutorOptions _options = new() { StateDirectory = "/unused", LogBytesMax = 64 * 1024, LogLineBytesMax = 100 };

    private string RawPath => Path.Combine(_directory, "stdout.raw");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task TakeOver_LinesAndPieces_AreTimedAndCutAtTheBound()
    {
        using LineLog log = Open();
        using RawOutput raw = Raw(log);
        Write("one\n\ntwo\r\n" + new string('x', 250) + "\nhal");
        Assert.True(raw.TakeOver(last: false));
        _time.Advance(TimeSpan.FromSeconds(1));
        Write("f\nrest");
        Assert.True(raw.TakeOver(last: false));
        Assert.False(raw.TakeOver(last: false));
        Assert.True(raw.TakeOver(last: true));
        log.Flush();
        string[] expected = ["one", "", "two\r", new('x', 100), new('x', 100), new('x', 50), "half", "rest"];
        List<TaskLogLine> lines = await ReadAsync(log, new LogSubscriptionOptions());
        Assert.Equal(expected, lines.Select(Text));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), lines[0].Timestamp);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero), lines[^1].Timestamp);
    }

    [Fact]
    public async Task Read_TailSinceSkipAndStreams_Select()
    {
        using LineLog log = Open();
        for (int i = 1; i <= 6; i++)
        {
            log.Append(_time.GetUtcNow(), i % 2 == 0 ? LogStream.Stderr : LogStream.Stdout, i, Encoding.UTF8.GetBytes($"{i}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        DateTimeOffset fourth = new(2026, 1, 2, 3, 4, 8, TimeSpan.Zero);
        Assert.Equal("1 2 3 4 5 6", await JoinAsync(log, new LogSubscriptionOptions()));
        Assert.Equal("5 6", await JoinAsync(log, new LogSubscriptionOptions { Tail = -3 }));
        Assert.Equal("", await JoinAsync(log, new LogSubscriptionOptions { Tail = -1 }));
        Assert.Equal("3 4 5 6", await JoinAsync(log, new LogSubscriptionOptions { Tail = 2 }));
        Assert.Equal("4 5 6", await JoinAsync(log, new LogSubscriptionOptions { Since = fourth.ToTimestamp() }));
        Assert.Equal("2 4 6", await JoinAsync(log, new LogSubscriptionOptions { Streams = { LogStream.Stderr } }));
        Assert.Equal("5", await JoinAsync(log, new LogSubscriptionOptions { Streams = { LogStream.Stdout }, Tail = -2 }));
    }

    [Fact]
    public async Task Append_MoreThanTheBound_KeepsTheLastLinesAndTheDiskBounded()
    {
        using LineLog log = Open();
        for (int i = 0; i < 5000; i++)
        {
            log.Append(_time.GetUtcNow(), LogStream.Stdout, i, Encoding.UTF8.GetBytes($"line {i}"));
        }

        log.Flush();
        long bytes = Directory.GetFiles(_directory, "lines*").Sum(static path => new FileInfo(path).Length);
        Assert.InRange(bytes, 1, _options.LogBytesMax + 200);
        List<TaskLogLine> lines = await ReadAsync(log, new LogSubscriptionOptions());
        Assert.Equal(Enumerable.Range(5000 - lines.Count, lines.Count).Select(static i => $"line {i}"), lines.Select(Text));
        Assert.InRange(lines.Count, 400, 5000);
    }

    [Fact]
    public async Task Follow_AcrossRotations_SeesEachLineInOrderAndEnds()
    {
        using LineLog log = Open();
        var seen = new List<string>();
        var first = new TaskCompletionSource();
        var reading = ReadAllAsync();
        for (int i = 0; i < 3000; i++)
        {
            log.Append(_time.GetUtcNow(), LogStream.Stdout, i, Encoding.UTF8.GetBytes($"{i}"));
            if (i % 100 == 0)
            {
                log.Flush();
                await (i == 0 ? first.Task : Task.CompletedTask);
            }
        }

        log.Complete();
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        int[] numbers = [.. seen.Select(int.Parse)];
        Assert.Equal(0, numbers[0]);
        Assert.Equal(2999, numbers[^1]);
        Assert.Equal(numbers.Order().Distinct(), numbers);

        async Task ReadAllAsync()
        {
            await foreach (TaskLogLine line in log.ReadAsync(new LogSubscriptionOptions { Follow = true }, default))
            {
                seen.Add(Text(line));
                first.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task Follow_Cancelled_Ends()
    {
        using LineLog log = Open();
        using var stop = new CancellationTokenSource();
        log.Append(_time.GetUtcNow(), LogStream.Stdout, 1, "x"u8);
        log.Flush();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (TaskLogLine _ in log.ReadAsync(new LogSubscriptionOptions { Follow = true }, stop.Token))
            {
                stop.Cancel();
            }
        });
    }

    [Fact]
    public async Task Open_AfterACrashInTheMiddleOfALine_GoesOnWithoutLossOrDoubles()
    {
        Write("one\ntwo\nthree\n");
        using (LineLog log = Open())
        using (RawOutput raw = Raw(log))
        {
            raw.TakeOver(last: false);
        }

        string path = Path.Combine(_directory, "lines");
        byte[] whole = File.ReadAllBytes(path);
        for (int cut = whole.Length; cut > 0; cut -= 7)
        {
            File.WriteAllBytes(path, whole[..cut]);
            using LineLog log = Open();
            using RawOutput raw = Raw(log);
            raw.TakeOver(last: false);
            Assert.Equal("one two three", await JoinAsync(log, new LogSubscriptionOptions()));
        }
    }

    [Fact]
    public void Open_StreamWhoseLinesHaveRotatedOut_KnowsItsOffset()
    {
        using (LineLog log = Open())
        {
            log.Append(_time.GetUtcNow(), LogStream.Stderr, 77, "old"u8);
            for (int i = 0; i < 5000; i++)
            {
                log.Append(_time.GetUtcNow(), LogStream.Stdout, i, "new"u8);
            }
        }

        using LineLog again = Open();
        Assert.Equal((4999L, 77L), (again.StdoutOffset, again.StderrOffset));
    }

    [Fact]
    public async Task TakeOver_TooMuchWhileAway_KeepsTheEndAndSaysSo()
    {
        Write(string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"line {i}\n")));
        using LineLog log = Open();
        using RawOutput raw = Raw(log);
        raw.TakeOver(last: true);
        List<TaskLogLine> lines = await ReadAsync(log, new LogSubscriptionOptions());
        Assert.Equal("line 19999", Text(lines[^1]));
        Assert.Equal(new FileInfo(RawPath).Length, log.StdoutOffset);
    }

    [Fact]
    public void TakeOver_WhatWasTakenOver_IsGivenBackToTheFileSystem()
    {
        _options.LogBytesMax = 16 * 1024 * 1024;
        Write(string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 30_000)));
        using LineLog log = Open();
        using RawOutput raw = Raw(log);
        raw.TakeOver(last: false);
        using SafeFileHandle file = File.OpenHandle(RawPath, share: FileShare.ReadWrite);
        byte[] start = new byte[4096];
        int read = RandomAccess.Read(file, start, 0);
        Assert.True(read == 0 || start.All(static b => b == 0), "the start of the raw output still holds data");
        Write("after\n");
        raw.TakeOver(last: true);
        Assert.Equal(RandomAccess.GetLength(file), log.StdoutOffset);
    }

    [Fact]
    public async Task TakeOver_DiskIsFull_NothingIsLostOrDoubledOnceThereIsRoom()
    {
        string lines = Path.Combine(_directory, "lines");
        using LineLog log = Open();
        File.CreateSymbolicLink(lines, "/dev/full");
        using RawOutput raw = Raw(log);
        Write("one\ntwo\nthr");
        for (int i = 0; i < 3; i++)
        {
            Assert.True(raw.TakeOver(last: false));
            Assert.Throws<IOException>(log.Flush);
            Assert.Equal(0, log.StdoutOffset);
        }

        File.Delete(lines);
        Assert.True(raw.TakeOver(last: false));
        log.Flush();
        Assert.False(raw.TakeOver(last: false));
        Write("ee\n");
        raw.TakeOver(last: true);
        Assert.Equal("one two three", await JoinAsync(log, new LogSubscriptionOptions()));
    }

    [Fact]
    public void TakeOver_NothingNew_AllocatesNothing()
    {
        using LineLog log = Open();
        using RawOutput raw = Raw(log);
        Write("one\nhalf a line");
        raw.TakeOver(last: false);
        log.Flush();
        raw.TakeOver(last: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Assert.False(raw.TakeOver(last: false));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    private static string Text(TaskLogLine line) => Encoding.UTF8.GetString(line.Data.Span);

    private static async Task<List<TaskLogLine>> ReadAsync(LineLog log, LogSubscriptionOptions options)
    {
        var lines = new List<TaskLogLine>();
        await foreach (TaskLogLine line in log.ReadAsync(options, default))
        {
            lines.Add(line);
        }

        return lines;
    }

    private static async Task<string> JoinAsync(LineLog log, LogSubscriptionOptions options) =>
        string.Join(' ', (await ReadAsync(log, options)).Select(Text));

    private LineLog Open() => new(_directory, _options.LogBytesMax);

    private RawOutput Raw(LineLog log)
    {
        File.AppendAllText(RawPath, "");
        return new RawOutput(RawPath, LogStream.Stdout, log, _options, _time);
    }

    private void Write(string text) => File.AppendAllText(RawPath, text);
}
