// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection.Extensions;
using Swarm.Api;
using Swarm.Hosting;
using Swarm.Runtime;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>How a node of a host program finds its cluster, and what the host program has the cluster run.</summary>
public static class SwarmBuilderExtensions
{
    /// <summary>Names the managers.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="addresses">Addresses as host:port.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseManagers(this ISwarmBuilder builder, params string[] addresses) =>
        builder.UseManagerDiscovery(_ => new StaticManagerDiscovery(addresses));

    /// <summary>Finds the managers behind a DNS name.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name.</param>
    /// <param name="port">The port on which they listen.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseManagersFromDns(this ISwarmBuilder builder, string name, int port) =>
        builder.UseManagerDiscovery(_ => new DnsManagerDiscovery(name, port));

    /// <summary>Finds the managers in a file.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file, one host:port a line.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseManagersFromFile(this ISwarmBuilder builder, string path) =>
        builder.UseManagerDiscovery(_ => new FileManagerDiscovery(path));

    /// <summary>Finds the managers in a way of the program's own. The last one named counts.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="create">Makes the discovery.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseManagerDiscovery(this ISwarmBuilder builder, Func<IServiceProvider, IManagerDiscovery> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        builder.Services.Replace(ServiceDescriptor.Singleton(create));
        return builder;
    }

    /// <summary>Keeps the join token of a declared cluster in a file: the first node writes it, the others read it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file; all nodes must see the same.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseJoinTokenFile(this ISwarmBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var file = new JoinTokenFile(path);
        builder.Services.Replace(ServiceDescriptor.Singleton<IJoinTokenPublisher>(file));
        return builder.UseJoinTokens(_ => file);
    }

    /// <summary>Gets the join token of a declared cluster in a way of the program's own. The last one named counts.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="create">Makes the provider.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseJoinTokens(this ISwarmBuilder builder, Func<IServiceProvider, IJoinTokenProvider> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        builder.Services.Replace(ServiceDescriptor.Singleton(create));
        return builder;
    }

    /// <summary>
    /// Has the cluster run a service: the node that leads creates it when it starts, if there is none of its name. One that exists is left as it is.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="spec">The service.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder DeclareService(this ISwarmBuilder builder, ServiceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        builder.Services.AddSingleton(new DeclaredService(spec.Clone()));
        return builder;
    }
}
