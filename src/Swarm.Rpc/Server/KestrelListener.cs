// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Swarm.Rpc.Server;

/// <summary>
/// One Kestrel with one end point. The remote API and the control socket serve the same methods with different rights, and routes
/// belong to a whole server, so each has its own.
/// </summary>
internal sealed class KestrelListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private KestrelListener(WebApplication app) => _app = app;

    public static KestrelListener Build(
        RpcServerOptions options,
        IReadOnlyList<ServerServiceDefinition> services,
        EndPoint endPoint,
        Action<ListenOptions> secure,
        Func<EndPoint, Socket>? bind,
        ILoggerFactory loggers)
    {
        // An empty builder: no configuration from the environment or from files reaches this server.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(KestrelListener).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = options.StopGrace);
        builder.Services.AddGrpc(o => Configure(o, options));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel, options);
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                secure(listen);
            });
        });
        if (bind is not null)
        {
            builder.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = bind);
        }

        WebApplication app = builder.Build();
        foreach (ServerServiceDefinition service in services)
        {
            app.MapGrpcService(service);
        }

        return new KestrelListener(app);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>The port that was taken; for a listener that asked for any.</summary>
    public int Port()
    {
        string url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(url).Port;
    }

    private static void Configure(GrpcServiceOptions grpc, RpcServerOptions options)
    {
        grpc.MaxReceiveMessageSize = options.MessageSizeMax;
        grpc.MaxSendMessageSize = options.SendSizeMax;
        grpc.EnableDetailedErrors = false;
    }

    private static void SetLimits(KestrelServerOptions kestrel, RpcServerOptions options)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.ConnectionsMax;
        limits.Http2.MaxStreamsPerConnection = options.StreamsPerConnectionMax;

        // The rewriter of the control socket counts on this table size.
        limits.Http2.HeaderTableSize = Http2.AuthorityRewriter.HeaderTableSize;

        // Streams live for days with long silences; messages have their own bound. Dead peers are found by pings.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    // The host program decides about signals, not this server.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
