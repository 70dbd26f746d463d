// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Swarm.Agent;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Runtime;
using Swarm.Security;

namespace Swarm.Hosting.Tests;

/// <summary>Makes nodes that share this process, with a clock that only the test moves.</summary>
internal sealed class NodeKit : ILoggerProvider, ILogger
{
    public const string ManagerAddress = "10.0.0.1:4242";
    private readonly InMemoryNetwork _network = new();
    private readonly ThreadPoolMailboxFactory _mailboxes;
    private readonly ILoggerFactory _loggers;

    public NodeKit()
    {
        Time.SetUtcNow(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _mailboxes = new ThreadPoolMailboxFactory(Time);
        _loggers = LoggerFactory.Create(b => b.AddProvider(this));
    }

    public FakeTimeProvider Time { get; } = new();

    public OperatingSystemCertificateIssuer Issuer { get; } = new();

    public ConcurrentQueue<string> Lines { get; } = new();

    public SwarmNode Node(
        string name,
        INodeIdentityStore identity,
        SwarmNodeOptions options,
        ITaskStateStore? tasks = null,
        Func<INodeTransport, INodeTransport>? transport = null,
        JoinTokenFile? tokens = null,
        IManagerDiscovery? discovery = null,
        string? host = null,
        IReadOnlyList<IExecutor>? executors = null)
    {
        options.Hostname = name;
        InMemoryHost place = _network.AddHost(host ?? name, _mailboxes.Create($"{name}/network"));
        INodeTransport wire = new InMemoryNodeTransport(place, _mailboxes.Create($"{name}/services"));
        return new SwarmNode(options, new SwarmNodeParts
        {
            Executors = executors ?? [new InProcessExecutor(_mailboxes)],
            Identity = identity,
            Tasks = tasks ?? new InMemoryTaskStateStore(),
            Transport = transport?.Invoke(wire) ?? wire,
            Issuer = Issuer,
            Mailboxes = _mailboxes,
            Loggers = _loggers,
            Discovery = discovery,
            JoinTokens = tokens,
            TokenPublisher = tokens,
        });
    }

    public static SwarmNodeOptions Manager() => new() { ListenRemoteApi = ManagerAddress };

    public static SwarmNodeOptions Worker(string token) => new() { JoinAddress = ManagerAddress, JoinToken = token };

    public static string WorkerToken(SwarmNode manager) => manager.Manager!.Writer.Committed.All<Cluster>().Single().RootCa.JoinTokens.Worker;

    public static string ManagerToken(SwarmNode manager) => manager.Manager!.Writer.Committed.All<Cluster>().Single().RootCa.JoinTokens.Manager;

    /// <summary>Waits until a line with these words is logged.</summary>
    public Task LineAsync(string words) => UntilAsync(() => Lines.Any(l => l.Contains(words, StringComparison.Ordinal)));

    /// <summary>Waits until something holds that is on its way.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Moves the clock on, a second at a time, until something has ended.</summary>
    public async Task AdvanceUntilAsync(Task ending)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!ending.IsCompleted)
        {
            await timer.WaitForNextTickAsync(limit.Token);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await ending;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

    public void Dispose()
    {
    }
}
