// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Rpc;
using Swarm.Samples.Swarmctl;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Client.Tests;

/// <summary>The control API of a manager without controllers, and a client of it, over the in-memory transport.</summary>
internal sealed class TestManager : IAsyncDisposable
{
    private const string Socket = "unix:///swarm.sock";

    private readonly LocalProposer _proposer;
    private readonly IAsyncDisposable _listener;
    private readonly IRpcConnection _connection;

    private TestManager(ControlServiceOptions? options, LogLines? logs)
    {
        var random = new SeededRandom(3);
        Issuer = new SimulatedCertificateIssuer(random);
        ClusterCa ca = ClusterCa.Create(Issuer, Now);
        RootPem = ca.CertificatePem;
        NodeCredentials credentials = ca.IssueCredentials("node", NodeRole.Manager, "cluster", TimeSpan.FromDays(90), Now);
        var source = new NodeCredentialsSource(credentials);
        var mailbox = new ThreadPoolMailbox("manager", TimeProvider.System);
        _proposer = new LocalProposer(mailbox);
        Writer = new StoreWriter(new StoreWriterOptions { DetectMutation = true }, _proposer, [], mailbox, seed: 1);
        InMemoryHost host = new InMemoryNetwork().AddHost("host", new ThreadPoolMailbox("host", TimeProvider.System));
        _listener = host.Listen(
            Socket,
            [Control.BindService(new ControlService(Writer, Issuer, options)), Logs.BindService(logs ?? new LogLines())],
            source,
            mailbox,
            new InMemoryListenOptions { IsLocal = true });
        _connection = host.CreateConnector(RpcTrust.Unverified).Connect(Socket, SwarmRoleNames.Manager);
        Client = new SwarmClient(_connection.Invoker, Time);
    }

    public static DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    public SimulatedCertificateIssuer Issuer { get; }

    public Google.Protobuf.ByteString RootPem { get; }

    public JumpingTime Time { get; } = new(Now);

    public StoreWriter Writer { get; }

    public SwarmClient Client { get; }

    public static async Task<TestManager> StartAsync(ControlServiceOptions? options = null, LogLines? logs = null)
    {
        var manager = new TestManager(options, logs);
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Writer.ReignChanged += (_, _) => leads.TrySetResult();
        manager.Writer.Start();
        await leads.Task.WaitAsync(TestContext.Current.CancellationToken);
        return manager;
    }

    public Task WriteAsync(Action<IStoreTransaction> write) =>
        Writer.SubmitAsync("test", write, TestContext.Current.CancellationToken);

    public Task PutAsync<T>(T o)
        where T : class, IStoreObject => WriteAsync(tx => tx.Create(o));

    /// <summary>Runs a command line of swarmctl against this manager.</summary>
    public Task<CtlResult> CtlAsync(params string[] arguments) => CtlAsync(TestContext.Current.CancellationToken, arguments);

    /// <summary>Runs a command line of swarmctl against this manager, and perhaps interrupts it.</summary>
    public async Task<CtlResult> CtlAsync(CancellationToken interrupt, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var time = new FixedTime(Now + TimeSpan.FromSeconds(30));
        var cli = new Cli(output, error, time, _ => new SwarmClient(_connection.Invoker, Time), live: false);
        int exit = await App.RunAsync(cli, arguments, interrupt);
        return new CtlResult(exit, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _listener.DisposeAsync();
        _proposer.Dispose();
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
