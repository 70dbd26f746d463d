// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager;

namespace Swarm.Client.Tests;

/// <summary>The client against a real control service, over the in-memory transport.</summary>
public sealed class SwarmClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resolve_IdNameOrBeginningOfTheId_FindsIt()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service web = await manager.Client.Services.CreateAsync(Samples.Spec("web"), Cancellation);
        await manager.Client.Services.CreateAsync(Samples.Spec("web2"), Cancellation);

        Assert.Equal(web.Id, (await manager.Client.Services.ResolveAsync(web.Id, Cancellation)).Id);
        Assert.Equal(web.Id, (await manager.Client.Services.ResolveAsync("web", Cancellation)).Id);
        Assert.Equal(web.Id, (await manager.Client.Services.ResolveAsync(web.Id[..10], Cancellation)).Id);
    }

    [Fact]
    public async Task Resolve_NoneOrSeveral_IsRefused()
    {
        await using TestManager manager = await TestManager.StartAsync();
        await manager.PutAsync(Samples.Node("n1", "same"));
        await manager.PutAsync(Samples.Node("n2", "same"));

        await AssertRefusedAsync(SwarmErrorCode.NotFound, "node nothere not found", () =>
            manager.Client.Nodes.ResolveAsync("nothere", Cancellation));
        await AssertRefusedAsync(
            SwarmErrorCode.InvalidArgument, "node same is ambiguous (2 matches found)", () =>
                manager.Client.Nodes.ResolveAsync("same", Cancellation));
        await AssertRefusedAsync(
            SwarmErrorCode.InvalidArgument, "node n is ambiguous (2 matches found)", () =>
                manager.Client.Nodes.ResolveAsync("n", Cancellation));
        await AssertRefusedAsync(
            SwarmErrorCode.InvalidArgument, "service: an ID or name must be given", () =>
                manager.Client.Services.ResolveAsync("", Cancellation));
    }

    [Fact]
    public async Task List_TooLargeForAMessage_ComesInParts()
    {
        await using TestManager manager = await TestManager.StartAsync(new ControlServiceOptions { MaxAnswerBytes = 64 * 1024 });
        ByteString data = ByteString.CopyFrom(new byte[40_000]);
        for (int i = 0; i < 5; i++)
        {
            await manager.PutAsync(new Config
            {
                Id = $"a{i}{new string('z', 23)}", Spec = new ConfigSpec { Annotations = new Annotations { Name = $"c{i}" }, Data = data },
            });
        }

        IReadOnlyList<Config> configs = await manager.Client.Configs.ListAsync(cancellationToken: Cancellation);

        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], configs.Select(static c => c.Spec.Annotations.Name));
        SwarmException error = await Assert.ThrowsAsync<SwarmException>(
            () => manager.Client.Configs.ListAsync(new() { IdPrefixes = { "a" } }, Cancellation));
        Assert.Equal(SwarmErrorCode.ResourceExhausted, error.Code);
    }

    [Fact]
    public async Task Update_AnotherWriterWasFaster_ReadsAgain()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service service = await manager.Client.Services.CreateAsync(Samples.Spec("web"), Cancellation);
        int tries = 0;

        Service updated = await manager.Client.Services.UpdateAsync(
            service.Id,
            spec =>
            {
                if (tries++ == 0)
                {
                    // Between this read and its write, somebody else writes.
                    Service seen = manager.Writer.Committed.Get<Service>(service.Id)!;
                    manager.WriteAsync(tx => tx.Update(seen.WithSpec(seen.Spec.WithAnnotations(
                        new Annotations { Name = "web", Labels = { ["other"] = "writer" } })))).Wait(Cancellation);
                }

                spec.Replicated.Replicas = 9;
            },
            Cancellation);

        Assert.Equal(2, tries);
        Assert.Equal(9UL, updated.Spec.Replicated.Replicas);
        Assert.Equal("writer", updated.Spec.Annotations.Labels["other"]);
    }

    [Fact]
    public async Task Errors_KeepTheirCodeAndText()
    {
        await using TestManager manager = await TestManager.StartAsync();
        await manager.Client.Secrets.CreateAsync(
            new SecretSpec { Annotations = new Annotations { Name = "s" }, Data = ByteString.CopyFromUtf8("x") }, Cancellation);

        await AssertRefusedAsync(
            SwarmErrorCode.AlreadyExists,
            "name conflicts with an existing object: secret s already exists",
            () => manager.Client.Secrets.CreateAsync(
                new SecretSpec { Annotations = new Annotations { Name = "s" }, Data = ByteString.CopyFromUtf8("x") }, Cancellation));
    }

    [Fact]
    public async Task Wait_Converges_ReportsEachStepOnce()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service service = await manager.Client.Services.CreateAsync(Samples.Spec("web"), Cancellation);
        var seen = new List<string>();

        // Each report makes the next task run, so that every look but the last finds one task more.
        var progress = new Reporter(p =>
        {
            seen.Add($"{p.Running}/{p.Desired} {p.Phase}");
            if (p.Running < 2)
            {
                manager.PutAsync(Samples.Task($"t{p.Running}", service, p.Running + 1)).Wait(Cancellation);
            }
        });
        ServiceProgress last = await manager.Client.Services.WaitAsync(
            service.Id, new ServiceWaitOptions { StableFor = TimeSpan.FromSeconds(1) }, progress, Cancellation);

        Assert.Equal(ServicePhase.Converged, last.Phase);
        Assert.Equal(["0/2 Converging", "1/2 Converging", "2/2 Converged"], seen);
    }

    [Fact]
    public async Task Wait_TimeRunsOut_SaysHowFarAndWhy()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service service = await manager.Client.Services.CreateAsync(Samples.Spec("web"), Cancellation);
        await manager.PutAsync(Samples.Task("a", service, 1, TaskState.Pending, "", "no suitable node"));

        await AssertRefusedAsync(
            SwarmErrorCode.DeadlineExceeded,
            "service web: 0/2 tasks run after 300 s (web.1: no suitable node)",
            () => manager.Client.Services.WaitAsync(service.Id, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Wait_UpdatePaused_FailsWithItsMessage()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service service = Samples.Service();
        service.UpdateStatus = new UpdateStatus { State = UpdateStatus.Types.UpdateState.Paused, Message = "update paused due to failure" };
        await manager.PutAsync(service);

        await AssertRefusedAsync(
            SwarmErrorCode.FailedPrecondition,
            "service web: update paused due to failure",
            () => manager.Client.Services.WaitAsync("s1", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task RollBack_GoesBackToTheSpecBefore()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service service = await manager.Client.Services.CreateAsync(Samples.Spec("web"), Cancellation);
        await manager.Client.Services.UpdateAsync(service.Id, static s => s.Replicated.Replicas = 9, Cancellation);

        Assert.Equal(service.Spec, (await manager.Client.Services.RollBackAsync(service.Id, Cancellation)).Spec);
    }

    [Fact]
    public async Task Logs_Lines_ComeAsSent()
    {
        var lines = new LogLines(
            new LogMessage { Data = ByteString.CopyFromUtf8("one") }, new LogMessage { Data = ByteString.CopyFromUtf8("two") });
        await using TestManager manager = await TestManager.StartAsync(logs: lines);
        var read = new List<string>();

        await foreach (LogMessage line in manager.Client.Logs.ReadAsync(new LogSelector { ServiceIds =
            { "s" } }, cancellationToken: Cancellation))
        {
            read.Add(line.Data.ToStringUtf8());
        }

        Assert.Equal(["one", "two"], read);
        Assert.Equal(["s"], lines.Asked!.Selector.ServiceIds);
    }

    private static async Task AssertRefusedAsync(SwarmErrorCode code, string text, Func<Task> action)
    {
        SwarmException error = await Assert.ThrowsAsync<SwarmException>(action);
        Assert.Equal((code, text), (error.Code, error.Message));
    }

    private sealed class Reporter(Action<ServiceProgress> report) : IProgress<ServiceProgress>
    {
        public void Report(ServiceProgress value) => report(value);
    }
}
