// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests.Writer;

/// <summary>The writer on real threads.</summary>
public sealed class RealClockTests
{
    [Fact]
    public async Task ManyCallersAndReaders_AllAgree()
    {
        var mailboxes = new ThreadPoolMailboxFactory();
        Mailbox mailbox = mailboxes.Create("writer");
        using var log = new LocalProposer(mailbox);
        await using var writer = new StoreWriter(
            new() { VerifyEntries = true, DetectMutation = true }, log, [() => new ReplicaController()], mailbox, seed: 1);
        var leading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        writer.ReignChanged += (_, e) => leading.TrySetResult();
        using FeedReader feed = writer.Feed.Subscribe(1_000_000);
        writer.Start();
        await leading.Task;

        Service[] made = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => writer.SubmitAsync<Service>("create", tx =>
        {
            string id = tx.Ids.NewId();
            tx.Create(Make.Service(id, $"service-{i}", replicas: 3));
            return r => r.Get<Service>(id)!;
        })));
        var tasks = new HashSet<string>();
        var services = new HashSet<string>();
        ulong last = 0;
        while ((tasks.Count < 600 || services.Count < 200) && await feed.WaitAsync(TestContext.Current.CancellationToken))
        {
            while (feed.TryRead(out FeedItem? item))
            {
                Assert.True(item.IsReset || item.Index == last + 1);
                last = item.Index;
                if (item.IsReset)
                {
                    tasks.UnionWith(item.View.All<Api.Task>().Select(t => t.Id));
                    services.UnionWith(item.View.All<Service>().Select(s => s.Id));
                }

                tasks.UnionWith(item.Changes.Where(c => c.New is Api.Task).Select(c => c.Subject.Id));
                services.UnionWith(item.Changes.Where(c => c.New is Service).Select(c => c.Subject.Id));
            }
        }

        Assert.Equal(200, made.Select(s => s.Id).Distinct().Count());
        Assert.Equal(600, tasks.Count);
        Assert.All(made, s => Assert.Equal(3, writer.Committed.TasksByService(s.Id).Count()));
        Assert.Equal(0, writer.Counters.Alarms);
    }
}
