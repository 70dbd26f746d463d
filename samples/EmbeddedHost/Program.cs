// SPDX-License-Identifier: Apache-2.0
using EmbeddedHost;
using Microsoft.Extensions.DependencyInjection;
using Swarm.Api;
using Swarm.Client;
using Swarm.Hosting;
using Swarm.Runtime;
using Swarm.Runtime.Process;

// EmbeddedHost --name one --home DIR --urls http://127.0.0.1:5001      and the same with --name two, --name three, each with its own --urls
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
string name = builder.Configuration["name"] ?? "one";
string home = Path.GetFullPath(builder.Configuration["home"] ?? "embedded");
string manager = builder.Configuration["manager"] ?? "127.0.0.1:4300";

// The web server answers while the node still waits for its cluster.
builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
builder.Services.AddHealthChecks().AddSwarmNode();
builder.Services
    .AddSwarmNode(node =>
    {
        node.Hostname = name;
        node.StateDirectory = Path.Combine(home, name);
        node.ListenRemoteApi = manager;
        node.Bootstrap = new ClusterBootstrapOptions { FirstNode = "one" };
    })
    .UseManagers(manager)
    .UseJoinTokenFile(Path.Combine(home, "join-token"))
    .UseInProcessExecutor(work => work.Register("greeter", Work.GreetAsync, runningWhenHealthy: true).Register("watcher", Work.WatchAsync))
    .UseProcessExecutor(process => process.StateDirectory = Path.Combine(home, name, "process"))
    .DeclareService(Work.InProcess("greeter", replicas: 3))
    .DeclareService(Work.InProcess("watcher", replicas: 1, "node.role == manager"))
    .DeclareService(Work.Process("sleeper", replicas: 2, "sleep", "1000000"));

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/node", (SwarmNode node) => $"{name} {node.Status.Phase} {node.Status.Role}");
app.MapGet("/tasks", async (SwarmClient cluster, CancellationToken stop) => string.Join(
    '\n', (await cluster.Tasks.ListAsync(cancellationToken: stop)).Select(t => $"{t.ServiceAnnotations.Name} {t.Status.State} on {t.NodeId}")));
await app.RunAsync();
