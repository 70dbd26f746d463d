// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Core;
using Swarm.Rpc.InMemory;

namespace Swarm.Rpc;

/// <summary>
/// A network inside the process: hosts with names, listeners, connections. It carries the same calls as TLS does (all four kinds,
/// metadata, deadlines, cancellation, bounded streams, certificates checked at both ends) as bytes through the same marshallers.
/// Everything runs in the mailboxes of the hosts and by their clocks, never on the thread pool by itself, so that under a simulation
/// the same seed gives the same run. Thread-safe.
/// </summary>
public sealed class InMemoryNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Listener> _listeners = new(StringComparer.Ordinal);
    private readonly LinkedList<Link> _links = new();

    /// <summary>Makes an empty network.</summary>
    /// <param name="options">How it behaves; the defaults when left out.</param>
    /// <param name="logger">Where defects of services are reported.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public InMemoryNetwork(InMemoryNetworkOptions? options = null, ILogger? logger = null)
    {
        Options = options ?? new InMemoryNetworkOptions();
        Options.Validate();
        Logger = logger ?? NullLogger.Instance;
    }

    internal InMemoryNetworkOptions Options { get; }

    internal ILogger Logger { get; }

    /// <summary>Adds a host, or the next life of one that crashed.</summary>
    /// <param name="name">Its name; addresses of its listeners need not hold it.</param>
    /// <param name="mailbox">Where what arrives at its connections is handled.</param>
    /// <returns>The host.</returns>
    public InMemoryHost AddHost(string name, Mailbox mailbox) => new(this, name, mailbox);

    /// <summary>Breaks all connections between two hosts: open calls fail with Unavailable on both sides.</summary>
    /// <param name="host">One host.</param>
    /// <param name="other">The other.</param>
    public void Break(string host, string other)
    {
        foreach (Link link in LinksOf(host))
        {
            if (link.Client.Host == other || link.Server.Host == other)
            {
                link.Break(new SwarmException(SwarmErrorCode.Unavailable, $"the connection between {host} and {other} broke"));
            }
        }
    }

    /// <summary>
    /// Ends a host: its listeners close, its connections break. The host itself is told nothing; calls it had open never end, as the
    /// program that made them is gone.
    /// </summary>
    /// <param name="host">Its name.</param>
    /// <param name="silently">
    /// False: a process died, and the system tells the other ends at once. True: a machine died, and they find out after
    /// <see cref="InMemoryNetworkOptions.LossTimeout"/>.
    /// </param>
    public void Crash(string host, bool silently = false)
    {
        Listener[] closed;
        lock (_gate)
        {
            closed = [.. _listeners.Values.Where(l => l.Host == host).OrderBy(l => l.Key, StringComparer.Ordinal)];
            foreach (Listener listener in closed)
            {
                _listeners.Remove(listener.Key);
            }
        }

        foreach (Link link in LinksOf(host))
        {
            link.Crash(host, silently);
        }
    }

    internal void Add(Listener listener)
    {
        lock (_gate)
        {
            if (!_listeners.TryAdd(listener.Key, listener))
            {
                throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"cannot listen on {listener.Key}: it is in use");
            }
        }
    }

    internal void Remove(Listener listener)
    {
        lock (_gate)
        {
            if (_listeners.GetValueOrDefault(listener.Key) == listener)
            {
                _listeners.Remove(listener.Key);
            }
        }

        foreach (Link link in LinksOf(listener.Host))
        {
            if (link.Listener == listener)
            {
                link.Break(new SwarmException(SwarmErrorCode.Unavailable, "the server stopped"));
            }
        }
    }

    internal Listener? Find(string fromHost, string address)
    {
        lock (_gate)
        {
            return _listeners.GetValueOrDefault(Listener.KeyOf(address, null))
                ?? _listeners.GetValueOrDefault(Listener.KeyOf(address, fromHost));
        }
    }

    internal LinkedListNode<Link> Register(Link link)
    {
        lock (_gate)
        {
            return _links.AddLast(link);
        }
    }

    internal void Unregister(LinkedListNode<Link> node)
    {
        lock (_gate)
        {
            if (node.List is not null)
            {
                _links.Remove(node);
            }
        }
    }

    private Link[] LinksOf(string host)
    {
        lock (_gate)
        {
            return [.. _links.Where(l => l.Client.Host == host || l.Server.Host == host)];
        }
    }
}
