// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>The way from the host program to the manager inside it: the manager's local services, called in memory.</summary>
internal sealed class LocalControl : IAsyncDisposable
{
    private const string Address = "unix:///in-process";
    private readonly IAsyncDisposable _listener;
    private readonly IRpcConnection _connection;

    public LocalControl(SwarmManager manager, NodeCredentialsSource credentials, IMailboxFactory mailboxes)
    {
        InMemoryHost host = new InMemoryNetwork().AddHost("in-process", mailboxes.Create("in-process/client"));
        _listener = host.Listen(
            Address, manager.LocalServices, credentials, mailboxes.Create("in-process/control"), new InMemoryListenOptions { IsLocal = true });
        _connection = host.CreateConnector(RpcTrust.Unverified).Connect(Address, SwarmRoleNames.Manager);
    }

    public CallInvoker Invoker => _connection.Invoker;

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _listener.DisposeAsync();
    }
}
