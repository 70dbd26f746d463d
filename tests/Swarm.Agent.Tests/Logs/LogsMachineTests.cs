// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Swarm.Agent.Logs;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Tests.Logs;

public sealed class LogsMachineTests
{
    private static readonly Api.Task A = Samples.Task("a");
    private static readonly Api.Task B = Samples.Task("b", serviceId: "service-2");

    private readonly LogsMachine _machine = new(Samples.Options(static options =>
    {
        options.LogBytesPerMessageMax = 1024;
        options.LogLinesHeldMax = 4;
        options.LogSubscriptionsMax = 2;
    }));

    [Theory]
    [InlineData("service-1", "", "", "a")]
    [InlineData("", "b", "", "b")]
    [InlineData("", "", "node-1", "a,b")]
    [InlineData("service-1", "b", "", "a,b")]
    [InlineData("service-9", "", "node-2", "")]
    public void Subscribed_Selector_ReadsTheTasksItMeans(string service, string task, string node, string expected)
    {
        var selector = new LogSelector { ServiceIds = { service }, TaskIds = { task }, NodeIds = { node } };
        var outputs = _machine.Subscribed(new SubscriptionMessage { Id = "s", Selector = selector }, [A, B]);
        Assert.IsType<LogsOutput.Open>(outputs[0]);
        Assert.Equal(expected, string.Join(',', outputs.OfType<LogsOutput.Read>().Select(static read => read.TaskId)));
        Assert.Equal(expected.Length == 0, outputs.OfType<LogsOutput.Send>().Any(static send => send.Message.Close));
    }

    [Fact]
    public void Line_First_IsSentAtOnceAndTheNextGatherMeanwhile()
    {
        Subscribe("s");
        PublishLogsMessage first = Sends(Line("s", "one"));
        Assert.Equal(("s", "one", "a", "service-1", "node-1", LogStream.Stdout), (
            first.SubscriptionId,
            first.Messages[0].Data.ToStringUtf8(),
            first.Messages[0].Context.TaskId,
            first.Messages[0].Context.ServiceId,
            first.Messages[0].Context.NodeId,
            first.Messages[0].Stream));
        Assert.Empty(Line("s", "two"));
        Assert.Empty(Line("s", "three"));
        Assert.Equal(["two", "three"], Sends(_machine.Sent("s")).Messages.Select(static line => line.Data.ToStringUtf8()));
    }

    [Fact]
    public void ReaderEnded_Last_SaysCloseAfterTheLastLine()
    {
        Subscribe("s");
        Line("s", "one");
        Line("s", "two");
        Assert.Empty(_machine.ReaderEnded("s", "a"));
        Assert.False(Sends(_machine.Sent("s")).Close);
        Assert.True(Sends(_machine.Sent("s")).Close);
        Assert.False(Assert.IsType<LogsOutput.Close>(Assert.Single(_machine.Sent("s"))).AtOnce);
        Assert.Equal(0, _machine.Count);
    }

    [Fact]
    public void Line_BufferFull_HoldsTheReaderUntilThereIsRoom()
    {
        Subscribe("s");
        Line("s", "under way");
        for (int i = 1; i <= 4; i++)
        {
            _machine.Line("s", A, new TaskLogLine(Samples.Start, LogStream.Stdout, "x"u8.ToArray()), out bool isFull);
            Assert.Equal(i == 4, isFull);
        }

        Assert.Contains(_machine.Sent("s"), static output => output is LogsOutput.Resume);
    }

    [Fact]
    public void Line_LongerThanAMessage_IsCut()
    {
        Subscribe("s");
        string text = new('x', 2500);
        var parts = new List<PublishLogsMessage> { Sends(Line("s", text)) };
        while (_machine.Sent("s") is [LogsOutput.Send send, ..])
        {
            parts.Add(send.Message);
        }

        Assert.Equal(text, string.Concat(parts.SelectMany(static part => part.Messages).Select(static line => line.Data.ToStringUtf8())));
        Assert.All(parts, static part => Assert.InRange(part.CalculateSize(), 1, 1024 + 256));
    }

    [Fact]
    public void Line_Empty_IsALineToo()
    {
        Subscribe("s");
        Assert.Single(Sends(Line("s", "")).Messages);
    }

    [Fact]
    public void TaskAdded_FollowingSubscription_ReadsItOnce()
    {
        Subscribe("follows", follow: true);
        Subscribe("does not");
        Api.Task late = Samples.Task("late");
        var read = Assert.IsType<LogsOutput.Read>(Assert.Single(_machine.TaskAdded(late)));
        Assert.Equal(("follows", "late"), (read.SubscriptionId, read.TaskId));
        Assert.True(read.Options.Follow);
        Assert.Empty(_machine.TaskAdded(late));
        Assert.Empty(_machine.ReaderEnded("follows", "a"));
        Assert.Empty(_machine.ReaderEnded("follows", "late"));
    }

    [Fact]
    public void Subscribed_Close_EndsItAtOnce()
    {
        Subscribe("s", follow: true);
        var outputs = _machine.Subscribed(new SubscriptionMessage { Id = "s", Close = true }, [A]);
        Assert.True(Assert.IsType<LogsOutput.Close>(Assert.Single(outputs)).AtOnce);
        Assert.Empty(Line("s", "late"));
    }

    [Fact]
    public void Subscribed_TooMany_IsAnsweredAsEmpty()
    {
        Subscribe("1", follow: true);
        Subscribe("2", follow: true);
        var outputs = Subscribe("3", follow: true);
        Assert.Empty(outputs.OfType<LogsOutput.Read>());
        Assert.True(Sends(outputs).Close);
        Assert.IsType<LogsOutput.Close>(Assert.Single(_machine.Sent("3")));
    }

    [Fact]
    public void SessionLost_AllSubscriptions_End()
    {
        Subscribe("1");
        Subscribe("2");
        Assert.Equal(2, _machine.SessionLost().OfType<LogsOutput.Close>().Count(static close => close.AtOnce));
        Assert.Equal(0, _machine.Count);
        Assert.Empty(_machine.Sent("1"));
    }

    private IReadOnlyList<LogsOutput> Subscribe(string id, bool follow = false) => _machine.Subscribed(
        new SubscriptionMessage
        {
            Id = id,
            Selector = new LogSelector { ServiceIds = { "service-1" } },
            Options = new LogSubscriptionOptions { Follow = follow },
        },
        [A, B]);

    private IReadOnlyList<LogsOutput> Line(string id, string text) =>
        _machine.Line(id, A, new TaskLogLine(Samples.Start, LogStream.Stdout, Encoding.UTF8.GetBytes(text)), out _);

    private static PublishLogsMessage Sends(IReadOnlyList<LogsOutput> outputs) => outputs.OfType<LogsOutput.Send>().Single().Message;
}
