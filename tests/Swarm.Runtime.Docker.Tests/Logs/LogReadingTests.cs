// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime.Docker.Tests.Engine;

namespace Swarm.Runtime.Docker.Tests.Logs;

public class LogReadingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_WithoutFollow_GivesAllLinesOfBothStreams()
    {
        await using FakeEngine fake = Engine(static async call =>
        {
            await call.BeginAsync();
            await call.PieceAsync(Frame(1, Line(1, "out")));
            await call.PieceAsync(Frame(2, Line(2, "err")));
            await call.EndAsync();
        });
        List<TaskLogLine> lines = await ReadAsync(fake);

        Assert.Equal([(LogStream.Stdout, "out"), (LogStream.Stderr, "err")], lines.Select(static line => (line.Stream, Text(line))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_WithoutFollowAndTheEngineIsLost_EndsWithThatErrorAfterWhatCame(bool inTheMiddleOfALine)
    {
        await using FakeEngine fake = Engine(async call =>
        {
            await call.BeginAsync();
            await call.PieceAsync(Frame(1, Line(1, "first")));
            if (inTheMiddleOfALine)
            {
                await call.PieceAsync(Frame(1, Line(2, "second")).AsMemory(0, 20));
            }
        });
        var lines = new List<TaskLogLine>();

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => ReadAsync(fake, lines: lines));
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        Assert.Contains("cannot be reached: it closed the connection in the middle of its answer", error.Message, StringComparison.Ordinal);
        Assert.Equal(["first"], lines.Select(Text));
    }

    [Fact]
    public async Task Read_FollowAndTheEngineIsLost_GoesOnWhereItWas()
    {
        int readings = 0;
        await using FakeEngine fake = Engine(async call =>
        {
            bool again = Interlocked.Increment(ref readings) > 1;
            await call.BeginAsync();
            await call.PieceAsync(Frame(1, Line(1, "first")));
            if (again)
            {
                await call.PieceAsync(Frame(1, Line(2, "second")));
                await call.EndAsync();
            }
        }, () => readings > 1 ? OneContainer.Ended() : OneContainer.Running);

        Assert.Equal(["first", "second"], (await ReadAsync(fake, follow: true)).Select(Text));
        FakeCall last = fake.Calls.Last(static call => call.Path.EndsWith("/logs", StringComparison.Ordinal));
        Assert.Contains("since=1767225600.99", last.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OfATerminal_IsOneStreamWithoutFrames()
    {
        await using FakeEngine fake = Engine(
            static async call =>
            {
                await call.BeginAsync("application/vnd.docker.raw-stream");
                await call.PieceAsync(Line(1, "one\r") + "2026-01-01T00:00:02.0000");
                await call.PieceAsync("00000Z two\r\n");
                await call.EndAsync();
            },
            tty: true);

        Assert.Equal(
            [(LogStream.Stdout, "one"), (LogStream.Stdout, "two")],
            (await ReadAsync(fake)).Select(static line => (line.Stream, Text(line).TrimEnd('\r'))));
    }

    [Fact]
    public async Task Read_LogDriverThatKeepsNothing_IsRefusedWithTheEnginesWords()
    {
        await using FakeEngine fake = Engine(static call => call.RefuseAsync(500, "configured logging driver does not support reading"));

        TaskControllerException error = await Assert.ThrowsAsync<TaskControllerException>(() => ReadAsync(fake));
        Assert.Equal("task task1 has output that cannot be read: configured logging driver does not support reading", error.Message);
    }

    private static string Line(int second, string text) => $"2026-01-01T00:00:0{second}.000000000Z {text}\n";

    private static string Text(TaskLogLine line) => Encoding.UTF8.GetString(line.Data.Span);

    private static byte[] Frame(byte stream, string text)
    {
        byte[] data = Encoding.UTF8.GetBytes(text);
        return [stream, 0, 0, 0, 0, 0, 0, (byte)data.Length, .. data];
    }

    private static FakeEngine Engine(Func<FakeCall, Task> logs, Func<object>? state = null, bool tty = false) => new(async call =>
    {
        if (call.Path.EndsWith("/logs", StringComparison.Ordinal))
        {
            await logs(call);
        }
        else if (call.Path == "/events")
        {
            await call.BeginAsync();
            await call.HangAsync();
        }
        else
        {
            await call.JsonAsync(OneContainer.Inspection(state?.Invoke() ?? OneContainer.Ended(), tty));
        }
    });

    private static async Task<List<TaskLogLine>> ReadAsync(FakeEngine fake, bool follow = false, List<TaskLogLine>? lines = null)
    {
        lines ??= [];
        await using var executor = new DockerExecutor(fake.Options());
        await using ITaskController controller = OneContainer.ControllerOf(executor, OneContainer.Task());
        await foreach (TaskLogLine line in ((ITaskLogSource)controller).ReadLogsAsync(new LogSubscriptionOptions { Follow = follow }, Cancel))
        {
            lines.Add(line);
        }

        return lines;
    }
}
