// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Docker.Testing;
using Swarm.Runtime;
using Swarm.Runtime.Docker;
using Swarm.Runtime.Testing;
using Resources = Swarm.Api.Resources;
using ContainerSpec = Swarm.Api.ContainerSpec;
using ResourceRequirements = Swarm.Api.ResourceRequirements;
using SecretReference = Swarm.Api.SecretReference;
using TaskSpec = Swarm.Api.TaskSpec;

namespace Swarm.Docker.Tests.Conformance;

/// <summary>
/// The Docker executor as a node of its own on an engine that it shares with others: work is a shell script that notes each start in a
/// file that the container shares with this machine.
/// </summary>
internal sealed class DockerTarget(Uri endpoint, DockerClient others, string place, string nodeId) : IExecutorConformanceTarget
{
    private const string Inside = "/starts";
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(5);

    public ConformanceFeatures Features => ConformanceFeatures.All;

    // Many cases share the engine and the two cores of a small machine.
    public TimeSpan Patience => TimeSpan.FromMinutes(1);

    public string NodeId => nodeId;

    private string Secrets => Path.Combine(place, "secrets", nodeId);

    public ValueTask<IExecutor> CreateExecutorAsync(CancellationToken cancellationToken) => new(new DockerExecutor(
        new DockerExecutorOptions
        {
            Endpoint = endpoint, NodeId = nodeId, SecretsDirectory = Secrets, ReconnectDelay = TimeSpan.FromMilliseconds(50),
        }));

    public ValueTask LetGoAsync(IExecutor executor, CancellationToken cancellationToken) => ((DockerExecutor)executor).DisposeAsync();

    public TaskSpec BuildSpec(string taskId, ConformanceWork work)
    {
        string starts = Directory.CreateDirectory(Path.Combine(place, "starts", taskId)).FullName;
        var container = new ContainerSpec
        {
            Image = work.CannotBePrepared ? "No Such:Reference" : PrivateEngine.Image,
            Command = { "/bin/sh", "-c", Script(work) },
            Mounts = { new Api.Mount { Type = Api.Mount.Types.Type.Bind, Source = starts, Target = Inside } },
        };
        if (work.StopGrace is { } grace)
        {
            container.StopGracePeriod = Duration.FromTimeSpan(grace);
        }

        if (work.SecretId is { } secret)
        {
            container.Secrets.Add(new SecretReference { SecretId = secret, SecretName = secret, File = new FileTarget { Name = secret, Mode = 0x100 } });
        }

        var task = new TaskSpec { Container = container };
        if (work.ExceedsItsMemory)
        {
            task.Resources = new ResourceRequirements { Limits = new Resources { MemoryBytes = 16 << 20 } };
        }

        return task;
    }

    public async ValueTask<WorkObservation> ObserveAsync(Api.Task task, CancellationToken cancellationToken)
    {
        var wanted = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["label"] = new Dictionary<string, bool> { [$"com.docker.swarm.task.id={task.Id}"] = true },
            },
        };
        while (true)
        {
            IList<ContainerListResponse> there = await others.Containers.ListContainersAsync(wanted, cancellationToken);
            int running = there.Count(static container => container.State is "running" or "paused" or "restarting");
            string file = Path.Combine(place, "starts", task.Id, "all");
            int starts = File.Exists(file) ? File.ReadAllLines(file).Length : 0;

            // A program that has just been started says so in a moment; until then it is not set up for what it is to do.
            if (starts >= running)
            {
                return new WorkObservation(running, starts, there.Count > 0 || Directory.Exists(Path.Combine(Secrets, task.Id)));
            }

            await Task.Delay(LookPause, TimeProvider.System, cancellationToken);
        }
    }

    private static string Script(ConformanceWork work)
    {
        // The first process of a container is not ended by a signal that it does not handle.
        var script = new StringBuilder(work.IgnoresStop ? "trap '' TERM\n" : "trap 'exit 0' TERM\n");
        foreach (string line in work.OutputLines)
        {
            script.Append(CultureInfo.InvariantCulture, $"printf '%s\\n' '{line}'\n");
        }

        foreach (string line in work.ErrorLines)
        {
            script.Append(CultureInfo.InvariantCulture, $"printf '%s\\n' '{line}' >&2\n");
        }

        script.Append(work.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"httpd -p {port} -h /tmp\n") : "");
        script.Append(CultureInfo.InvariantCulture, $"echo started >> {Inside}/all\n");
        script.Append(work switch
        {
            { ExceedsItsMemory: true } => "exec dd if=/dev/zero of=/dev/null bs=256M count=1",
            { ExitCode: { } code } => $"exit {code}",
            _ => "while :; do sleep 3600 & wait $!; done",
        });
        return script.ToString();
    }
}
