// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Simulation;
using Swarm.Store;

namespace Swarm.Manager.Tests.EndToEnd;

/// <summary>A manager in simulated time on an in-memory network, with nodes that are written by hand.</summary>
internal sealed class ManagerWorld
{
    public const string Address = "10.0.0.1:4242";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly SimulatedHost _managerHost;
    private readonly SeededRandom _random;
    private readonly ListLogger _log = new();
    private readonly List<FakeNode> _fakes = [];
    private int _nodes;

    public ManagerWorld(ulong seed = 1, Func<Mailbox, IProposer>? proposer = null, bool start = true)
    {
        Loop = new SimulationLoop(seed);
        _random = Loop.ForkRandom();
        Issuer = new SimulatedCertificateIssuer(Loop.ForkRandom());
        Network = new InMemoryNetwork(new InMemoryNetworkOptions { Issuer = Issuer }, _log);
        _managerHost = Loop.AddHost("manager");
        var ids = new SeededIdSource(Loop.ForkRandom());
        Bootstrap = ClusterBootstrap.Create(Issuer, ids, _managerHost.Time);
        Mailbox = _managerHost.Create("rpc");
        Manager = new SwarmManager(
            new SwarmManagerOptions
            {
                AdvertiseAddress = Address,
                Ca = new CaOptions { AcceptManagers = true },
                Store = new StoreWriterOptions { DetectMutation = true, VerifyEntries = true },
            },
            Bootstrap,
            _managerHost,
            ids,
            Issuer,
            _random.NextUInt64(),
            proposer?.Invoke(_managerHost.Create("log")));
        var credentials = new NodeCredentialsSource(Bootstrap.Node);
        InMemoryHost host = Network.AddHost("10.0.0.1", Mailbox);
        host.Listen(
            Address, Manager.RemoteServices, credentials, Mailbox, new InMemoryListenOptions { IsBlacklisted = Manager.IsBlacklisted });
        host.Listen("local", Manager.LocalServices, credentials, Mailbox, new InMemoryListenOptions { IsLocal = true });
        Local = host.CreateConnector(RpcTrust.Unverified).Connect("local", SwarmRoleNames.Manager);
        if (start)
        {
            Loop.Run(Mailbox, () => Manager.StartAsync(), Limit);
        }
    }

    public SimulationLoop Loop { get; }

    public SimulatedCertificateIssuer Issuer { get; }

    public InMemoryNetwork Network { get; }

    public ClusterBootstrap Bootstrap { get; }

    public SwarmManager Manager { get; }

    public Mailbox Mailbox { get; }

    public IRpcConnection Local { get; }

    public StoreView State => Manager.Writer.Committed;

    public Control.ControlClient Control => new(Local.Invoker);

    public FakeNode AddNode()
    {
        int number = ++_nodes;
        string address = "10.0.1." + number;
        SimulatedHost host = Loop.AddHost(address);
        var node = new FakeNode(host, Network.AddHost(address, host.Create("node")), Issuer, "worker-" + number);
        _fakes.Add(node);
        return node;
    }

    public FakeNode JoinedNode()
    {
        FakeNode node = AddNode();
        Do(node.Mailbox, () => node.JoinAsync(Bootstrap.WorkerToken.Text));
        node.Start();
        return node;
    }

    public void Do(Mailbox mailbox, Func<Task> work) => Loop.Run(mailbox, work, Limit);

    public T Ask<T>(Func<Task<T>> work) => Loop.Run(Mailbox, work, Limit);

    public void Until(Func<bool> condition, int seconds = 60) =>
        Assert.True(Loop.RunUntil(condition, TimeSpan.FromSeconds(seconds)), $"not reached within {seconds} s: {Describe()}");

    private string Describe() => string.Join(
        "; ",
        State.All<Node>().Select(node => $"{node.Id} {node.Status}").Concat(
            State.All<Api.Task>().Select(task => $"task on '{task.NodeId}' wanted {task.DesiredState}: {task.Status}")).Concat(
            _fakes.Select(fake => $"{fake.Hostname} has {fake.Tasks.Count} tasks, last error {fake.LastError}")).Concat(_log.Lines));

    public Service CreateService(string name, ulong replicas, Action<ContainerSpec>? change = null)
    {
        var container = new ContainerSpec { Image = "nginx:1" };
        change?.Invoke(container);
        var request = new CreateServiceRequest
        {
            Spec = new ServiceSpec
            {
                Annotations = new Annotations { Name = name },
                Task = new TaskSpec { Container = container },
                Replicated = new ReplicatedService { Replicas = replicas },
            },
        };
        return Ask(async () => await Control.CreateServiceAsync(request)).Service;
    }

    public List<Api.Task> Running(string serviceId) =>
        [.. State.TasksByService(serviceId).Where(task => task.ObservedState() == TaskState.Running)];
}
