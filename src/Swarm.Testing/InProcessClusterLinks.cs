// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Swarm.Rpc;

namespace Swarm.Testing;

/// <summary>The links between the nodes of an in-process cluster: whole, but for hosts that are cut off. Thread-safe.</summary>
internal sealed class InProcessClusterLinks : ILinkPolicy
{
    private readonly ConcurrentDictionary<string, bool> _isolated = new(StringComparer.Ordinal);

    public void Isolate(string host) => _isolated[host] = true;

    public void Heal() => _isolated.Clear();

    public LinkDecision Decide(string from, string to, int size) =>
        from != to && (_isolated.ContainsKey(from) || _isolated.ContainsKey(to)) ? LinkDecision.Drop() : LinkDecision.Deliver();
}
