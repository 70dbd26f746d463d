// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Rpc;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>Connects to fake managers by their addresses.</summary>
internal sealed class FakeConnector(params FakeManager[] managers) : IRpcConnector
{
    /// <summary>Connections that were made and not disposed.</summary>
    internal int Open { get; private set; }

    public IRpcConnection Connect(string address, string serverName)
    {
        Assert.Equal("swarm-manager", serverName);
        Open++;
        return new Connection(this, managers.Single(manager => manager.Address == address));
    }

    private sealed class Connection(FakeConnector owner, FakeManager manager) : IRpcConnection
    {
        public CallInvoker Invoker => manager;

        public ValueTask DisposeAsync()
        {
            owner.Open--;
            return ValueTask.CompletedTask;
        }
    }
}
