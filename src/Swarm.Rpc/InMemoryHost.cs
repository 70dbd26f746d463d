// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;
using Swarm.Rpc.InMemory;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>One machine on an <see cref="InMemoryNetwork"/>. Thread-safe.</summary>
public sealed class InMemoryHost : IRpcTransport
{
    private readonly InMemoryNetwork _network;
    private readonly Mailbox _mailbox;

    internal InMemoryHost(InMemoryNetwork network, string name, Mailbox mailbox)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(mailbox);
        _network = network;
        _mailbox = mailbox;
        Name = name;
    }

    /// <summary>Its name, as the <see cref="ILinkPolicy"/> hears it.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public IRpcConnector CreateConnector(RpcTrust trust) => new Connector(_network, new Side(Name, _mailbox), trust);

    /// <summary>Serves services at an address.</summary>
    /// <param name="address">HOST:PORT as callers give it, or unix:///PATH for a local one.</param>
    /// <param name="services">The services; errors and rights are handled as by <see cref="RpcServer"/>.</param>
    /// <param name="credentials">The node's credentials.</param>
    /// <param name="mailbox">Where the services run.</param>
    /// <param name="options">How callers are treated; the defaults when left out.</param>
    /// <returns>Stops serving when disposed: open calls fail with Unavailable.</returns>
    /// <exception cref="SwarmException">FailedPrecondition: the address is in use.</exception>
    public IAsyncDisposable Listen(
        string address,
        IReadOnlyList<ServerServiceDefinition> services,
        NodeCredentialsSource credentials,
        Mailbox mailbox,
        InMemoryListenOptions? options = null)
    {
        options ??= new InMemoryListenOptions();
        var listener = new Listener(_network, new Side(Name, mailbox), Listener.KeyOf(address, options.IsLocal ? Name : null),
            credentials, options.IsLocal);
        var authorization = new AuthorizationInterceptor(new AuthorizationOptions
        {
            Credentials = credentials,
            Peer = static context => ((ServerContext)context).PeerIdentity,
            Roles = options.Roles,
            IsBlacklisted = options.IsBlacklisted,
            Time = mailbox.Time,
        });
        var errors = new ErrorMappingInterceptor(_network.Logger);
        foreach (ServerServiceDefinition service in services)
        {
            service.With(errors, authorization).BindService(listener.Methods);
        }

        _network.Add(listener);
        return listener;
    }
}
