// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Store.Testing;
using static Swarm.Api.NodeStatus.Types;

namespace Swarm.Manager.Tests.EndToEnd;

public sealed class SwarmManagerTests
{
    [Fact]
    public void Start_FreshCluster_WritesClusterAndOwnNode()
    {
        var world = new ManagerWorld();
        ClusterBootstrap bootstrap = world.Bootstrap;

        Cluster cluster = Assert.Single(world.State.All<Cluster>());
        Assert.Equal((bootstrap.ClusterId, "default"), (cluster.Id, cluster.Spec.Annotations.Name));
        Assert.Equal(bootstrap.WorkerToken.Text, cluster.RootCa.JoinTokens.Worker);
        Assert.Equal(bootstrap.Ca.CertificatePem, cluster.RootCa.CaCert);
        Assert.Equal(5, cluster.Spec.Dispatcher.HeartbeatPeriod.Seconds);
        Node node = Assert.Single(world.State.All<Node>());
        Assert.Equal(
            (bootstrap.Node.NodeId, NodeRole.Manager, IssuanceStatus.Types.State.Issued),
            (node.Id, node.Role, node.Certificate.Status.State));
        ManagerMember self = Assert.Single(world.Manager.Roster.Members);
        Assert.Equal((node.Id, ManagerWorld.Address, true), (self.NodeId, self.Addr, self.IsLeader));
    }

    [Fact]
    public void ListNodes_Manager_IsShownAsReachableLeaderAndWorkersAreNot()
    {
        var world = new ManagerWorld();
        FakeNode worker = world.JoinedNode();

        ListNodesResponse nodes = world.Ask(async () => await world.Control.ListNodesAsync(new ListNodesRequest()));

        ManagerStatus shown = nodes.Nodes.Single(node => node.Id == world.Bootstrap.Node.NodeId).ManagerStatus;
        Assert.Equal(
            (ManagerWorld.Address, true, RaftMemberStatus.Types.Reachability.Reachable), (shown.Addr, shown.Leader, shown.Reachability));
        Assert.Null(nodes.Nodes.Single(node => node.Id == worker.Id).ManagerStatus);
        Assert.Null(world.State.Get<Node>(world.Bootstrap.Node.NodeId)!.ManagerStatus);
    }

    [Fact]
    public void Node_RemovedByForce_CannotComeBackWithItsCertificate()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        world.Until(() => Ready(world, node));

        world.Ask(async () => await world.Control.RemoveNodeAsync(new RemoveNodeRequest { NodeId = node.Id, Force = true }));
        world.Until(() => node.LastError?.StartsWith("PermissionDenied", StringComparison.Ordinal) ?? false, seconds: 20);

        Assert.True(world.Manager.IsBlacklisted(node.Id));
        Assert.Null(world.State.Get<Node>(node.Id));
    }

    [Fact]
    public void Calls_BeforeTheStart_AreAskedToComeAgain()
    {
        var world = new ManagerWorld(start: false);
        FakeNode node = world.AddNode();
        var dispatcher = new Dispatcher.DispatcherClient(world.Local.Invoker);
        var listening = new LogBroker.LogBrokerClient(world.Local.Invoker).ListenSubscriptions(new ListenSubscriptionsRequest());

        RpcException[] errors =
        [
            Assert.Throws<RpcException>(() => world.Do(node.Mailbox, () => node.JoinAsync(world.Bootstrap.WorkerToken.Text))),
            Assert.Throws<RpcException>(() => world.Ask(async () => await dispatcher.HeartbeatAsync(new HeartbeatRequest()))),
            Assert.Throws<RpcException>(() => world.Do(world.Mailbox, async () => await listening.ResponseStream.MoveNext(default))),
        ];

        Assert.All(errors, e => Assert.Equal(StatusCode.Unavailable, e.StatusCode));
    }

    [Fact]
    public void Service_Created_RunsOnNodesAndItsStateComesBack()
    {
        var world = new ManagerWorld();
        FakeNode one = world.JoinedNode();
        FakeNode two = world.JoinedNode();
        world.Until(() => Ready(world, one) && Ready(world, two));

        Service service = world.CreateService("web", 5);
        world.Until(() => world.Running(service.Id).Count == 5, seconds: 5);

        Assert.Equal(5, one.Tasks.Count + two.Tasks.Count);
        Assert.Equal([2, 3], new[] { one.Tasks.Count, two.Tasks.Count }.Order());
        Assert.All(world.Running(service.Id), task => Assert.Equal(world.Bootstrap.Node.NodeId, task.Status.AppliedBy));
        Node node = world.State.Get<Node>(one.Id)!;
        Assert.Equal(("worker-1", "10.0.1.1", NodeRole.Worker), (node.Description.Hostname, node.Status.Addr, node.Role));
        Assert.Equal(world.Bootstrap.Node.NodeId, one.LastSession!.Managers[0].Peer.NodeId);
        Assert.Equal(one.Id, one.LastSession.Node.Id);
    }

    [Fact]
    public void Service_ScaledDown_TasksAreShutDownAndTakenAway()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        Service service = world.CreateService("web", 4);
        world.Until(() => world.Running(service.Id).Count == 4);

        Service current = world.State.Get<Service>(service.Id)!;
        var request = new UpdateServiceRequest
        {
            ServiceId = service.Id,
            ServiceVersion = current.Meta.Version,
            Spec = current.Spec.WithReplicated(new ReplicatedService { Replicas = 1 }),
        };
        world.Ask(async () => await world.Control.UpdateServiceAsync(request));

        world.Until(() => world.Running(service.Id).Count == 1 && node.Tasks.Count == 1);
    }

    [Fact]
    public void Secret_OfAService_ReachesTheNode()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        var spec = new SecretSpec { Annotations = new Annotations { Name = "password" }, Data = ByteString.CopyFromUtf8("x") };
        string id = world.Ask(async () => await world.Control.CreateSecretAsync(new CreateSecretRequest { Spec = spec })).Secret.Id;

        Service service = world.CreateService("web", 1, container => container.Secrets.Add(
            new SecretReference { SecretId = id, SecretName = "password", File = new FileTarget { Name = "password" } }));
        world.Until(() => world.Running(service.Id).Count == 1);

        Assert.Equal(["password"], node.Dependencies);
    }

    [Fact]
    public void Node_Dies_IsDownAfterItsGraceAndItsTasksRunElsewhere()
    {
        var world = new ManagerWorld();
        FakeNode one = world.JoinedNode();
        FakeNode two = world.JoinedNode();
        world.Until(() => Ready(world, one) && Ready(world, two));
        Service service = world.CreateService("web", 4);
        world.Until(() => world.Running(service.Id).Count == 4);

        world.Network.Crash("10.0.1.1", silently: true);
        one.Crash();
        DateTimeOffset died = world.Loop.Now;
        world.Until(() => world.State.Get<Node>(one.Id)!.Status.State == State.Down);

        Assert.InRange((world.Loop.Now - died).TotalSeconds, 9, 17);
        world.Until(() => world.Running(service.Id).Count(task => task.NodeId == two.Id) == 4);
    }

    [Fact]
    public void Node_ComesBackWithMoreWorkThanMostMessagesHold_KeepsAllOfIt()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        Service service = world.CreateService("large", 25, c => c.Env.Add("LARGE=" + new string('x', 200_000)));
        world.Until(() => world.Running(service.Id).Count == 25 && node.Tasks.Count == 25);
        Assert.True(node.Tasks.Values.Sum(task => task.CalculateSize()) > SwarmDefaults.MessageSizeMax);

        world.Network.Break("10.0.0.1", "10.0.1.1");
        world.Until(() => node.TasksTakenOver == 25);

        Assert.Equal(25, world.Running(service.Id).Count);
        Assert.Equal(25, world.State.TasksByService(service.Id).Count());
    }

    [Fact]
    public void Node_LosesItsConnection_IsDisconnectedThenReadyAgain()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        world.Until(() => Ready(world, node));

        world.Network.Break("10.0.0.1", "10.0.1.1");
        world.Until(() => world.State.Get<Node>(node.Id)!.Status.State == State.Disconnected, seconds: 3);
        world.Until(() => Ready(world, node), seconds: 10);
    }

    [Fact]
    public void Join_WithAReplacedToken_IsRefused()
    {
        var world = new ManagerWorld();
        FakeNode node = world.AddNode();
        string token = world.Bootstrap.Ca.CreateToken().Text;

        RpcException e = Assert.Throws<RpcException>(() => world.Do(node.Mailbox, () => node.JoinAsync(token)));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
        Assert.Contains("replaced", e.Status.Detail, StringComparison.Ordinal);
        Assert.Single(world.State.All<Node>());
    }

    [Fact]
    public void Join_WithTheManagerToken_GivesAManagersCertificate()
    {
        var world = new ManagerWorld();
        FakeNode node = world.AddNode();

        world.Do(node.Mailbox, () => node.JoinAsync(world.Bootstrap.ManagerToken.Text));

        Assert.Equal((NodeRole.Manager, world.Bootstrap.ClusterId), (node.Credentials.Role, node.Credentials.Organization));
        Assert.Equal(NodeRole.Manager, world.State.Get<Node>(node.Id)!.Role);
    }

    [Fact]
    public void Renew_OverItsOwnCertificate_GivesANewOneForTheSameNode()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        (string id, ByteString before) = (node.Id, node.Credentials.Pair.CertificatePem);

        world.Do(node.Mailbox, node.RenewAsync);

        Assert.Equal(id, node.Id);
        Assert.NotEqual(before, node.Credentials.Pair.CertificatePem);
        Assert.Equal(2, world.State.Count<Node>());
    }

    [Fact]
    public void Worker_CallsTheControlApi_IsDenied()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        IRpcConnection connection = node.Connect();

        RpcException e = Assert.Throws<RpcException>(() => world.Do(
            node.Mailbox, async () => await new Control.ControlClient(connection.Invoker).ListNodesAsync(new ListNodesRequest())));

        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    [Fact]
    public void OldCalls_TasksAndVolumes_AnswerUnimplementedOrOk()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        world.Until(() => node.LastSession is not null);
        var dispatcher = new Dispatcher.DispatcherClient(node.Connect().Invoker);
        string session = node.LastSession!.SessionId;

        RpcException tasks = Assert.Throws<RpcException>(() => world.Do(
            node.Mailbox, async () => await dispatcher.Tasks(new TasksRequest { SessionId = session }).ResponseStream.MoveNext(default)));
        world.Do(node.Mailbox, async () => await dispatcher.UpdateVolumeStatusAsync(new UpdateVolumeStatusRequest { SessionId = session }));
        var volumes = new UpdateVolumeStatusRequest
        {
            SessionId = session,
            Updates = { new UpdateVolumeStatusRequest.Types.VolumeStatusUpdate { Id = "v" } },
        };
        RpcException volume = Assert.Throws<RpcException>(() => world.Do(
            node.Mailbox, async () => await dispatcher.UpdateVolumeStatusAsync(volumes)));

        Assert.Equal((StatusCode.Unimplemented, StatusCode.Unimplemented), (tasks.StatusCode, volume.StatusCode));
    }

    [Fact]
    public void Logs_OfAService_ComeFromAllItsNodesThenEnd()
    {
        var world = new ManagerWorld();
        FakeNode one = world.JoinedNode();
        FakeNode two = world.JoinedNode();
        world.Until(() => Ready(world, one) && Ready(world, two));
        Service service = world.CreateService("web", 4);
        world.Until(() => world.Running(service.Id).Count == 4);
        var lines = new List<string>();

        world.Do(world.Mailbox, async () =>
        {
            using AsyncServerStreamingCall<SubscribeLogsMessage> reading = new Logs.LogsClient(world.Local.Invoker).SubscribeLogs(
                new SubscribeLogsRequest { Selector = new LogSelector { ServiceIds = { service.Id } } });
            while (await reading.ResponseStream.MoveNext(default))
            {
                lines.AddRange(reading.ResponseStream.Current.Messages.Select(message => message.Data.ToStringUtf8()));
            }
        });

        Assert.Equal(
            world.Running(service.Id).Select(task => $"hello from {task.Id}\n").Order(StringComparer.Ordinal),
            lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Health_OfParts_IsServingAndUnknownPartsAreNotFound()
    {
        var world = new ManagerWorld();
        var health = new Api.Health.HealthClient(world.Local.Invoker);

        foreach (string part in new[] { "", HealthService.Raft, HealthService.ControlApi })
        {
            HealthCheckResponse response = world.Ask(async () => await health.CheckAsync(new HealthCheckRequest { Service = part }));
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, response.Status);
        }

        RpcException e = Assert.Throws<RpcException>(
            () => world.Ask(async () => await health.CheckAsync(new HealthCheckRequest { Service = "x" })));
        Assert.Equal(StatusCode.NotFound, e.StatusCode);
    }

    [Fact]
    public void Peer_Capabilities_TellTheVersion()
    {
        var world = new ManagerWorld();
        var peer = new Api.Ext.Peer.PeerClient(world.Local.Invoker);

        CapabilitiesResponse response = world.Ask(async () => await peer.CapabilitiesAsync(new CapabilitiesRequest()));

        Assert.NotEmpty(response.Version);
    }

    [Fact]
    public void UnlockKey_NotLocked_IsEmpty()
    {
        var world = new ManagerWorld();
        var ca = new CA.CAClient(world.Local.Invoker);

        GetUnlockKeyResponse response = world.Ask(async () => await ca.GetUnlockKeyAsync(new GetUnlockKeyRequest()));

        Assert.True(response.UnlockKey.IsEmpty);
        Assert.Equal(world.State.All<Cluster>().First().Meta.Version, response.Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reigns_Lost_NodesComeBackAndTheServiceRuns(ulong seed)
    {
        FaultyProposer? log = null;
        var world = new ManagerWorld(seed, mailbox => log = new FaultyProposer(mailbox, seed, new FaultyProposerOptions { BadReigns = 0 }));
        FakeNode node = world.JoinedNode();
        Service service = world.CreateService("web", 3);
        world.Until(() => world.Running(service.Id).Count == 3);
        var before = world.Running(service.Id).Select(task => task.Id).ToList();

        for (int i = 0; i < 3; i++)
        {
            log!.LoseLeadership();
            world.Until(() => !world.Manager.Writer.IsLeading);
            world.Until(() => world.Manager.Writer.IsLeading);
            world.Until(() => Ready(world, node));
        }

        world.Loop.RunFor(TimeSpan.FromSeconds(40));
        Assert.Equal(before, world.Running(service.Id).Select(task => task.Id));
        Assert.Equal(3, node.Tasks.Count);
        world.Until(() => Ready(world, node), seconds: 1);
    }

    [Fact]
    public void World_SameSeed_GivesTheSameTrace()
    {
        Assert.Equal(Trace(5), Trace(5));
        Assert.NotEqual(Trace(5), Trace(6));

        static ulong Trace(ulong seed)
        {
            var world = new ManagerWorld(seed);
            FakeNode node = world.JoinedNode();
            world.Until(() => Ready(world, node));
            Service service = world.CreateService("web", 5);
            world.Until(() => world.Running(service.Id).Count == 5);
            node.Stop();
            world.Loop.RunFor(TimeSpan.FromSeconds(30));
            return world.Loop.Trace.Hash;
        }
    }

    [Fact]
    public void Dispose_WithSessions_EndsThemAndRefusesCalls()
    {
        var world = new ManagerWorld();
        FakeNode node = world.JoinedNode();
        world.Until(() => Ready(world, node));

        world.Do(world.Mailbox, async () => await world.Manager.DisposeAsync());
        world.Until(() => node.LastError is not null, seconds: 10);

        Assert.StartsWith("Unavailable", node.LastError, StringComparison.Ordinal);
    }

    private static bool Ready(ManagerWorld world, FakeNode node) => world.State.Get<Node>(node.Id)?.Status.State == State.Ready;
}
