// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Grpc.Core.Interceptors;
using Swarm.Rpc;

namespace Swarm.Client;

/// <summary>
/// A client of a cluster's control API. Operations throw <see cref="Swarm.Core.SwarmException"/> with one line that says what is
/// wrong, and take ids; what people write (id, name or the beginning of an id) goes through <c>ResolveAsync</c>. Thread-safe.
/// </summary>
public sealed class SwarmClient : IAsyncDisposable
{
    /// <summary>Longest wait for one answer of the manager on this machine, unless another is given: 1 minute.</summary>
    public static readonly TimeSpan DefaultCallTimeout = TimeSpan.FromMinutes(1);

    private readonly IRpcConnection? _connection;

    /// <summary>Makes a client over a call invoker, which stays the caller's; the in-memory transport gives such a one.</summary>
    /// <param name="invoker">How calls leave.</param>
    /// <param name="time">The clock for waiting; the system's when left out.</param>
    /// <param name="callTimeout">
    /// Longest wait for one answer, after which the call fails with <c>DeadlineExceeded</c>; more than 0. None when left out.
    /// Streams (logs) have no limit.
    /// </param>
    public SwarmClient(CallInvoker invoker, TimeProvider? time = null, TimeSpan? callTimeout = null)
    {
        ArgumentNullException.ThrowIfNull(invoker);
        if (callTimeout is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(callTimeout));
            invoker = invoker.Intercept(new CallTimeoutInterceptor(limit, time ?? TimeProvider.System));
        }

        var calls = new ApiCalls(invoker);
        Nodes = new NodeOperations(calls);
        Tasks = new TaskOperations(calls);
        Services = new ServiceOperations(calls, Tasks, time ?? TimeProvider.System);
        Secrets = new SecretOperations(calls);
        Configs = new ConfigOperations(calls);
        Clusters = new ClusterOperations(calls);
        Networks = new NetworkOperations(calls);
        Logs = new LogOperations(calls);
    }

    /// <summary>Makes a client of the manager on this machine. Nothing is sent until the first call.</summary>
    /// <param name="controlSocketPath">Path of the manager's control socket.</param>
    /// <param name="time">The clock for waiting; the system's when left out.</param>
    /// <param name="callTimeout">Longest wait for one answer; <see cref="DefaultCallTimeout"/> when left out.</param>
    public SwarmClient(string controlSocketPath, TimeProvider? time = null, TimeSpan? callTimeout = null)
        : this(ControlSocket.Connect(controlSocketPath), time, callTimeout ?? DefaultCallTimeout)
    {
    }

    private SwarmClient(IRpcConnection connection, TimeProvider? time, TimeSpan callTimeout)
        : this(connection.Invoker, time, callTimeout) => _connection = connection;

    /// <summary>The nodes of the cluster.</summary>
    public NodeOperations Nodes { get; }

    /// <summary>Services.</summary>
    public ServiceOperations Services { get; }

    /// <summary>Tasks.</summary>
    public TaskOperations Tasks { get; }

    /// <summary>Secrets.</summary>
    public SecretOperations Secrets { get; }

    /// <summary>Configs.</summary>
    public ConfigOperations Configs { get; }

    /// <summary>The cluster itself.</summary>
    public ClusterOperations Clusters { get; }

    /// <summary>Networks.</summary>
    public NetworkOperations Networks { get; }

    /// <summary>What tasks write.</summary>
    public LogOperations Logs { get; }

    /// <summary>Closes the connection, if the client made it.</summary>
    /// <returns>Ends when it is closed.</returns>
    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
