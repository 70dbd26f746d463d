// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager.Tests.EndToEnd;

/// <summary>The same code on threads and the real clock, where mailboxes run beside each other.</summary>
public sealed class RealClockTests
{
    [Fact]
    public async Task Services_OnTheThreadPool_RunOnAllNodes()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        var mailboxes = new ThreadPoolMailboxFactory();
        var issuer = new SimulatedCertificateIssuer(new SeededRandom(1));
        var network = new InMemoryNetwork(new InMemoryNetworkOptions { Issuer = issuer });
        ClusterBootstrap bootstrap = ClusterBootstrap.Create(issuer, SystemIdSource.Instance, mailboxes.Time);
        await using var manager = new SwarmManager(
            new SwarmManagerOptions { AdvertiseAddress = ManagerWorld.Address },
            bootstrap,
            mailboxes,
            SystemIdSource.Instance,
            issuer,
            seed: 1);
        InMemoryHost host = network.AddHost("10.0.0.1", mailboxes.Create("rpc"));
        var credentials = new NodeCredentialsSource(bootstrap.Node);
        await using IAsyncDisposable remote = host.Listen(
            ManagerWorld.Address, manager.RemoteServices, credentials, mailboxes.Create("server"));
        await using IAsyncDisposable local = host.Listen(
            "local", manager.LocalServices, credentials, mailboxes.Create("local"), new InMemoryListenOptions { IsLocal = true });
        await manager.StartAsync(cancellationToken);
        var nodes = new List<FakeNode>();
        for (int i = 1; i <= 4; i++)
        {
            var node = new FakeNode(mailboxes, network.AddHost("10.0.1." + i, mailboxes.Create("node")), issuer, "worker-" + i);
            await node.Mailbox.RunAsync(() => node.JoinAsync(bootstrap.WorkerToken.Text));
            node.Start();
            nodes.Add(node);
        }

        await using IRpcConnection connection = host.CreateConnector(RpcTrust.Unverified).Connect("local", SwarmRoleNames.Manager);
        var control = new Control.ControlClient(connection.Invoker);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => await control.CreateServiceAsync(
            new CreateServiceRequest
            {
                Spec = new ServiceSpec
                {
                    Annotations = new Annotations { Name = "web" + i },
                    Task = new TaskSpec { Container = new ContainerSpec { Image = "nginx:1" } },
                    Replicated = new ReplicatedService { Replicas = 10 },
                },
            },
            cancellationToken: cancellationToken)));

        using FeedReader feed = manager.Writer.Feed.Subscribe();
        while (manager.Writer.Committed.All<Api.Task>().Count(task => task.ObservedState() == TaskState.Running) < 80)
        {
            Assert.True(await feed.WaitAsync(cancellationToken));
            while (feed.TryRead(out _))
            {
                // Only the state counts here.
            }
        }

        nodes.ForEach(node => node.Stop());
    }
}
