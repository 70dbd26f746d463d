// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Runtime;
using Swarm.Runtime.Process;

namespace EmbeddedHost;

/// <summary>What the cluster runs, and the specifications that ask for it.</summary>
internal static class Work
{
    /// <summary>Says the word of its configuration (Swarm:Work:greeter:word) again and again.</summary>
    public static async Task GreetAsync(InProcessTaskContext context, CancellationToken stop)
    {
        string word = context.Configuration["word"] ?? "hello";
        ILogger logger = context.Services.GetRequiredService<ILoggerFactory>().CreateLogger("greeter");
        context.ReportHealth(true);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), context.Time);
        do
        {
            logger.LogInformation("{Word} from {Task}", word, context.TaskName);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Asks the cluster itself how it is; placed on a manager, because managers take calls.</summary>
    public static async Task WatchAsync(InProcessTaskContext context, CancellationToken stop)
    {
        Swarm.Client.SwarmClient client = context.Services.GetRequiredService<Swarm.Client.SwarmClient>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), context.Time);
        do
        {
            context.WriteLine($"the cluster has {(await client.Nodes.ListAsync(cancellationToken: stop)).Count} nodes");
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    public static ServiceSpec InProcess(string name, ulong replicas, params string[] constraints) => Service(name, replicas, new TaskSpec
    {
        Generic = InProcessExecutor.Pack(new InProcessSpec { Name = name }),
        Placement = new Placement { Constraints = { constraints } },
    });

    public static ServiceSpec Process(string name, ulong replicas, string command, params string[] args) => Service(name, replicas, new TaskSpec
    {
        Generic = ProcessExecutor.Pack(new ProcessSpec { Command = command, Args = { args } }),
    });

    private static ServiceSpec Service(string name, ulong replicas, TaskSpec task) => new()
    {
        Annotations = new Annotations { Name = name },
        Task = task,
        Replicated = new ReplicatedService { Replicas = replicas },
    };
}
