// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Swarm.Agent;
using Swarm.Core;
using Swarm.Hosting;
using Swarm.Runtime;
using Swarm.Security;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a cluster node to a host program.</summary>
public static class SwarmServiceCollectionExtensions
{
    /// <summary>
    /// Adds a node that starts and stops with the host. Add at least one executor to what is returned. Everything registered here can be
    /// replaced by registering it before: clock, mailboxes, stores, transport, certificates.
    /// </summary>
    /// <param name="services">The services of the host program.</param>
    /// <param name="configure">Says what the node is.</param>
    /// <returns>The builder, for executors.</returns>
    public static ISwarmBuilder AddSwarmNode(this IServiceCollection services, Action<SwarmNodeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.All(s => s.ServiceType != typeof(SwarmNode)))
        {
            services.AddOptions<SwarmNodeOptions>().ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SwarmNodeOptions>, SwarmNodeOptionsValidator>());
            services.TryAddSingleton(TimeProvider.System);
            services.TryAddSingleton<IMailboxFactory>(s => new ThreadPoolMailboxFactory(s.GetRequiredService<TimeProvider>()));
            services.TryAddSingleton<IIdSource>(SystemIdSource.Instance);
            services.TryAddSingleton<ICertificateIssuer>(_ => new OperatingSystemCertificateIssuer());
            services.TryAddSingleton<INodeTransport>(s => new KestrelNodeTransport(loggers: s.GetService<ILoggerFactory>()));
            services.TryAddSingleton(s => new NodeStateDirectory(
                s.GetRequiredService<IOptions<SwarmNodeOptions>>().Value.StateDirectory, s.GetRequiredService<ICertificateIssuer>()));
            services.TryAddSingleton<INodeIdentityStore>(s => s.GetRequiredService<NodeStateDirectory>());
            services.TryAddSingleton<ITaskStateStore>(s => new SqliteTaskStateStore(
                s.GetRequiredService<NodeStateDirectory>().File("tasks.db"), s.GetRequiredService<IMailboxFactory>()));
            services.AddSingleton(CreateNode);
            services.TryAddSingleton(s => s.GetRequiredService<SwarmNode>().Client);
            services.AddHostedService<SwarmNodeHostedService>();
        }

        services.Configure(configure);
        return new SwarmBuilder(services);
    }

    private static SwarmNode CreateNode(IServiceProvider services)
    {
        // First what may be wrong, then what opens files; the directory before the executors, which keep theirs in it: it says best
        // what is wrong with it, and is given free after they have ended.
        SwarmNodeOptions options = services.GetRequiredService<IOptions<SwarmNodeOptions>>().Value;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IExecutor)) == false)
        {
            throw NoExecutor();
        }

        INodeIdentityStore identity = services.GetRequiredService<INodeIdentityStore>();
        IExecutor[] executors = [.. services.GetServices<IExecutor>()];
        if (executors.Length == 0)
        {
            throw NoExecutor();
        }

        var parts = new SwarmNodeParts
        {
            Identity = identity,
            Tasks = services.GetRequiredService<ITaskStateStore>(),
            Transport = services.GetRequiredService<INodeTransport>(),
            Issuer = services.GetRequiredService<ICertificateIssuer>(),
            Mailboxes = services.GetRequiredService<IMailboxFactory>(),
            Ids = services.GetRequiredService<IIdSource>(),
            Loggers = services.GetRequiredService<ILoggerFactory>(),
            Executors = executors,
            Discovery = services.GetService<IManagerDiscovery>(),
            JoinTokens = services.GetService<IJoinTokenProvider>(),
            TokenPublisher = services.GetService<IJoinTokenPublisher>(),
            Meters = services.GetService<IMeterFactory>(),
        };

        // What still runs when the host gives up waiting would be cut off with it; the last tenth is for telling the manager.
        TimeSpan patience = services.GetService<IOptions<HostOptions>>()?.Value.ShutdownTimeout ?? Timeout.InfiniteTimeSpan;
        if (patience > TimeSpan.Zero && patience * 0.9 < parts.Agent.DrainTimeout)
        {
            parts.Agent.DrainTimeout = patience * 0.9;
        }

        return new SwarmNode(options, parts);
    }

    private static SwarmException NoExecutor() =>
        new(SwarmErrorCode.InvalidArgument, "the node has no executor: add at least one to AddSwarmNode(…)");

    private sealed class SwarmBuilder(IServiceCollection services) : ISwarmBuilder
    {
        public IServiceCollection Services { get; } = services;
    }
}
