// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Rpc;
using Swarm.Runtime;
using Swarm.Security;
using Swarm.Simulation;

namespace Swarm.Agent.Tests;

/// <summary>The agent over the real in-memory transport: marshalled messages, mutual trust, streams that break.</summary>
public sealed class AgentTransportTests
{
    [Fact]
    public void Agent_OverTheTransport_RunsReportsPublishesAndMovesToTheOtherManager()
    {
        var loop = new SimulationLoop(21, Samples.Start);
        var issuer = new SimulatedCertificateIssuer(loop.ForkRandom());
        var network = new InMemoryNetwork(new InMemoryNetworkOptions { Issuer = issuer });
        var ca = ClusterCa.Create(issuer, loop.Now);
        List<WeightedPeer> peers = Samples.Peers("m1:4242", "m2:4242");
        var managers = new SortedDictionary<string, SmallManager>(StringComparer.Ordinal);
        foreach (string name in (string[])["m1", "m2"])
        {
            var mailbox = loop.AddHost(name).Create("services");
            managers[name] = new SmallManager(name, mailbox, peers, Samples.Task("t1"), Samples.Task("t2"));
            network.AddHost(name, mailbox)
                .Listen($"{name}:4242", managers[name].Services, Credentials(ca, name, NodeRole.Manager, loop), mailbox);
        }

        SimulatedHost host = loop.AddHost("worker");
        var observer = new RecordingObserver();
        var executor = new FakeExecutor();
        IRpcConnector connector = network.AddHost("worker", host.Create("network"))
            .CreateConnector(RpcTrust.Mutual(Credentials(ca, "node-1", NodeRole.Worker, loop)));
        var agent = new SwarmAgent(
            Samples.Options(),
            [executor],
            new InMemoryTaskStateStore(),
            connector,
            Samples.Managers("m1:4242"),
            host,
            loop.ForkRandom(),
            observer);
        Task started = agent.StartAsync(CancellationToken.None);

        Until(() => RunsAt("m1"), "the first manager to know that both tasks run");
        Assert.True(started.IsCompletedSuccessfully);
        Until(() => managers["m1"].Heartbeats >= 3, "heartbeats");

        executor.World["t1"].Write(new TaskLogLine(loop.Now, LogStream.Stdout, Encoding.UTF8.GetBytes("hello")));
        network.Crash("m1");
        Until(() => RunsAt("m2"), "the second manager to know that both tasks run");
        Assert.All(["t1", "t2"], id => Assert.Equal(1, executor.World[id].Starts));
        Until(() => managers["m2"].LogsClosed, "the log subscription to be served");
        Assert.Equal(["hello"], managers["m2"].Lines);

        Task stopped = agent.StopAsync(drain: true);
        Until(() => stopped.IsCompleted, "the agent to stop");
        Assert.Equal([TaskState.Shutdown, TaskState.Shutdown], managers["m2"].States.Values);

        bool RunsAt(string name) =>
            managers[name].States.Count == 2 && managers[name].States.Values.All(static state => state == TaskState.Running);

        void Until(Func<bool> condition, string what) =>
            Assert.True(loop.RunUntil(condition, TimeSpan.FromMinutes(1)), $"waited in vain for {what}; so far: {string.Join(", ", observer.Events)} {observer.LastReason}");
    }

    private static NodeCredentialsSource Credentials(ClusterCa ca, string nodeId, NodeRole role, SimulationLoop loop) =>
        new(ca.IssueCredentials(nodeId, role, "cluster", TimeSpan.FromDays(90), loop.Now));
}
