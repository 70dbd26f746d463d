// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.Tests;

/// <summary>Two hosts, one of which serves a service with all four kinds of calls; every mailbox is run by hand, by one thread.</summary>
internal sealed class TestNetwork
{
    public const string Address = "server:4242";

    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static readonly Method<string, string> Unary = new(MethodType.Unary, "Test", "Unary", Text, Text);
    public static readonly Method<string, string> Client = new(MethodType.ClientStreaming, "Test", "Client", Text, Text);
    public static readonly Method<string, string> Server = new(MethodType.ServerStreaming, "Test", "Server", Text, Text);
    public static readonly Method<string, string> Duplex = new(MethodType.DuplexStreaming, "Test", "Duplex", Text, Text);

    private readonly Queue<(ManualMailbox Mailbox, SendOrPostCallback Work, object? State)> _queue = new();

    public TestNetwork(ILinkPolicy? policy = null, Action<InMemoryNetworkOptions>? set = null)
    {
        Issuer = new SimulatedCertificateIssuer(new SeededRandom(1));
        Ca = ClusterCa.Create(Issuer, Clock.GetUtcNow());
        var options = new InMemoryNetworkOptions { Policy = policy, Issuer = Issuer };
        set?.Invoke(options);
        Network = new InMemoryNetwork(options);
        ServerMailbox = new ManualMailbox("server", this);
        ClientMailbox = new ManualMailbox("client", this);
        ServerHost = Network.AddHost("server", ServerMailbox);
        ClientHost = Network.AddHost("client", ClientMailbox);
        Credentials = new NodeCredentialsSource(Issue("m1", NodeRole.Manager));
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };

    public SimulatedCertificateIssuer Issuer { get; }

    public ClusterCa Ca { get; }

    public InMemoryNetwork Network { get; }

    public InMemoryHost ServerHost { get; }

    public InMemoryHost ClientHost { get; }

    public ManualMailbox ServerMailbox { get; }

    public ManualMailbox ClientMailbox { get; }

    public NodeCredentialsSource Credentials { get; }

    /// <summary>What the services saw, in order.</summary>
    public List<string> Seen { get; } = [];

    /// <summary>Set by a test to hold the service up.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NodeCredentials Issue(string id, NodeRole role) => Ca.IssueCredentials(id, role, "c1", TimeSpan.FromDays(1), Clock.GetUtcNow());

    public IAsyncDisposable Listen(InMemoryListenOptions? options = null, string address = Address) =>
        ServerHost.Listen(address, [Service()], Credentials, ServerMailbox, WithRoles(options ?? new InMemoryListenOptions()));

    public IRpcConnection Connect(RpcTrust? trust = null, string address = Address, string name = SwarmRoleNames.Manager) =>
        ClientHost.CreateConnector(trust ?? RpcTrust.Mutual(new NodeCredentialsSource(Issue("m2", NodeRole.Manager)))).Connect(address, name);

    /// <summary>Starts work in the client's mailbox and runs everything until nothing is left to do.</summary>
    public Task<T> Run<T>(Func<Task<T>> work)
    {
        Task<T> task = ClientMailbox.RunAsync(work);
        Drain();
        return task;
    }

    /// <summary>Runs what is posted, on this thread, until nothing is left.</summary>
    public void Drain()
    {
        while (_queue.TryDequeue(out var item))
        {
            SynchronizationContext? before = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(item.Mailbox);
            try
            {
                item.Work(item.State);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(before);
            }
        }
    }

    public void Advance(TimeSpan time)
    {
        Clock.Advance(time);
        Drain();
    }

    private static InMemoryListenOptions WithRoles(InMemoryListenOptions options)
    {
        options.Roles = static _ => AllowedCallers.Manager;
        return options;
    }

    private ServerServiceDefinition Service() => ServerServiceDefinition.CreateBuilder()
        .AddMethod(Unary, async (request, context) =>
        {
            CheckHere();
            ICallerIdentity caller = context.GetCaller();
            Seen.Add($"{request} from {caller.Role} {caller.NodeId} {caller.IsLocal}");
            context.ResponseTrailers.Add("seen", "yes");
            switch (request)
            {
                case "refuse":
                    throw new SwarmException(SwarmErrorCode.OutOfSequence, "update out of sequence");
                case "defect":
                    throw new InvalidDataException("secret detail");
                case "wait":
                    context.CancellationToken.Register(() =>
                    {
                        Seen.Add("cancelled");
                        Gate.TrySetCanceled();
                    });
                    await Gate.Task;
                    break;
                case "headers":
                    await context.WriteResponseHeadersAsync([new Metadata.Entry("answer", context.RequestHeaders.GetValue("question")!)]);
                    break;
            }

            CheckHere();
            return request + "!";
        })
        .AddMethod(Client, async (IAsyncStreamReader<string> requests, ServerCallContext _) =>
        {
            var all = new List<string>();
            await foreach (string request in requests.ReadAllAsync())
            {
                CheckHere();
                all.Add(request);
            }

            return string.Join(',', all);
        })
        .AddMethod(Server, async (string request, IServerStreamWriter<string> responses, ServerCallContext context) =>
        {
            for (int i = 0; i < int.Parse(request, System.Globalization.CultureInfo.InvariantCulture); i++)
            {
                CheckHere();
                await responses.WriteAsync($"{i}");
                Seen.Add($"wrote {i}");
            }

            context.Status = new Status(StatusCode.OK, "");
        })
        .AddMethod(Duplex, async (IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context) =>
        {
            context.CancellationToken.Register(() => Seen.Add("cancelled"));
            try
            {
                await foreach (string request in requests.ReadAllAsync())
                {
                    CheckHere();
                    await responses.WriteAsync(request.ToUpperInvariant());
                }
            }
            catch (OperationCanceledException)
            {
                Seen.Add("reader ended");
                throw;
            }
        })
        .Build();

    // Whatever a service awaits, it goes on in its mailbox, on the one thread there is.
    private void CheckHere() => Assert.Same(ServerMailbox, SynchronizationContext.Current);

    internal sealed class ManualMailbox(string name, TestNetwork owner) : Mailbox
    {
        public override string Name => name;

        public override TimeProvider Time => owner.Clock;

        public override void Post(SendOrPostCallback d, object? state)
        {
            // Only the one thread posts: anything else would be a hop to the thread pool.
            Assert.Equal(owner._thread, Environment.CurrentManagedThreadId);
            owner._queue.Enqueue((this, d, state));
        }
    }

    private readonly int _thread = Environment.CurrentManagedThreadId;
}
