// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Core;
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker.Tests.Engine;

public class EngineEventsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{\"Type\":\"container\",\"Actor\":{\"ID\":\"abc\"}}", "abc")]
    [InlineData("{\"Type\":\"new kind\",\"Actor\":{\"ID\":\"abc\",\"More\":[1]}}", "abc")]
    [InlineData("{\"Actor\":\"abc\"}", null)]
    [InlineData("{\"Actor\":{\"ID\":7}}", null)]
    [InlineData("{\"Actor\":null}", null)]
    [InlineData("[1]", null)]
    public void ContainerOf_AnyMessage_IsTheContainerOrNone(string line, string? container) => Assert.Equal(container, EngineEvents.ContainerOf(line));

    [Fact]
    public async Task Follow_StreamsThatBreak_MarksAllAfterEachConnection()
    {
        string[] streams = ["{\"Actor\":{\"ID\":\"a\"}}\n{\"Act", "no json at all\n", "{\"Actor\":\"x\"}\n"];
        int connections = 0;
        await using var fake = new FakeEngine(async call =>
        {
            int number = Interlocked.Increment(ref connections);
            await call.BeginAsync();
            await call.PieceAsync(number <= streams.Length ? streams[number - 1] : "{\"Actor\":{\"ID\":\"a\"}}\n");
            if (number > streams.Length)
            {
                await call.HangAsync();
            }
        });
        using var access = new EngineAccess(fake.Options(), TimeProvider.System);
        var settled = new SemaphoreSlim(0);
        await using var events = new EngineEvents(
            access, fake.Options(), TimeProvider.System, NullLogger.Instance, _ => { settled.Release(); return Task.CompletedTask; });
        using ContainerWatch watch = events.Watch("a");

        for (int i = 0; i <= streams.Length; i++)
        {
            await settled.WaitAsync(Cancel);
            await watch.WaitAsync(Cancel);
        }

        Assert.True(connections > streams.Length);
    }

    [Fact]
    public async Task Follow_WhatIsLeftToDoTakesLong_EventsAreReadMeanwhile()
    {
        await using var fake = new FakeEngine(static async call =>
        {
            await call.BeginAsync();
            await call.PieceAsync("{\"Actor\":{\"ID\":\"a\"}}\n");
            await call.HangAsync();
        });
        using var access = new EngineAccess(fake.Options(), TimeProvider.System);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var events = new EngineEvents(access, fake.Options(), TimeProvider.System, NullLogger.Instance, async stop =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        });
        using ContainerWatch watch = events.Watch("a");

        await begun.Task.WaitAsync(Cancel);
        await watch.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Follow_WhatIsLeftToDoFails_IsDoneAfterTheNextConnection()
    {
        await using var fake = new FakeEngine(static async call =>
        {
            await call.BeginAsync();
            await call.HangAsync();
        });
        using var access = new EngineAccess(fake.Options(), TimeProvider.System);
        var errors = new ConcurrentQueue<Exception>(
            [new SwarmException(SwarmErrorCode.Unavailable, "gone"), new TaskControllerException("files"), new IOException("disk")]);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var events = new EngineEvents(access, fake.Options(), TimeProvider.System, NullLogger.Instance, _ =>
        {
            if (errors.TryDequeue(out Exception? error))
            {
                return Task.FromException(error);
            }

            done.TrySetResult();
            return Task.CompletedTask;
        });
        events.Start();

        await done.Task.WaitAsync(Cancel);
    }
}
