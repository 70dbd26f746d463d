// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;

namespace Swarm.Rpc;

/// <summary>A connection to one node. Disposing it ends the calls that are open on it. Thread-safe.</summary>
public interface IRpcConnection : IAsyncDisposable
{
    /// <summary>What generated clients are made with.</summary>
    CallInvoker Invoker { get; }
}
