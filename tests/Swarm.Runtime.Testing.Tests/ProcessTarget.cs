// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Runtime.Process;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>The process executor: work is a shell script that writes down its process id.</summary>
internal sealed class ProcessTarget : IExecutorConformanceTarget, IDisposable
{
    private readonly TemporaryPlace _place = new();

    public ConformanceFeatures Features => ConformanceFeatures.All & ~ConformanceFeatures.Limits;

    public ValueTask<IExecutor> CreateExecutorAsync(CancellationToken cancellationToken) => new(new ProcessExecutor(
        new ProcessExecutorOptions
        {
            StateDirectory = _place.Make("state"), PollInterval = TimeSpan.FromMilliseconds(10), CgroupDirectory = "",
        }));

    public ValueTask LetGoAsync(IExecutor executor, CancellationToken cancellationToken) => ((ProcessExecutor)executor).DisposeAsync();

    public TaskSpec BuildSpec(string taskId, ConformanceWork work)
    {
        var spec = new ProcessSpec { Command = "/bin/sh", Args = { "-c", Script(taskId, work) } };
        if (work.CannotBePrepared)
        {
            spec.Command = "/there/is/no/such/program";
        }

        if (work.StopGrace is { } grace)
        {
            spec.StopGracePeriod = Duration.FromTimeSpan(grace);
        }

        var task = new TaskSpec { Generic = ProcessExecutor.Pack(spec) };
        if (work.SecretId is { } secret)
        {
            task.ResourceReferences.Add(new ResourceReference { ResourceId = secret, ResourceType = ResourceType.Secret });
        }

        return task;
    }

    public ValueTask<WorkObservation> ObserveAsync(Api.Task task, CancellationToken cancellationToken)
    {
        string file = Seen(task.Id);
        string[] pids = File.Exists(file) ? File.ReadAllLines(file) : [];
        bool left = Directory.Exists(Path.Combine(_place.Make("state"), "tasks", task.Id));
        return new(new WorkObservation(pids.Count(IsAlive), pids.Length, left));
    }

    public void Dispose() => _place.Dispose();

    private static bool IsAlive(string pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string Script(string taskId, ConformanceWork work)
    {
        var script = new StringBuilder();
        script.Append(work.IgnoresStop ? "trap '' TERM\n" : "");
        foreach (string line in work.OutputLines)
        {
            script.Append(CultureInfo.InvariantCulture, $"printf '%s\\n' '{line}'\n");
        }

        foreach (string line in work.ErrorLines)
        {
            script.Append(CultureInfo.InvariantCulture, $"printf '%s\\n' '{line}' >&2\n");
        }

        script.Append(work.Port is { } port ? $"echo web tcp {port} {port} > $SWARM_PORTS_FILE\n" : "");
        script.Append(CultureInfo.InvariantCulture, $"echo $$ >> {Seen(taskId)}\n");
        script.Append(work switch
        {
            { ExitCode: { } code } => $"exit {code}",
            { IgnoresStop: true } => "while :; do sleep 1; done",
            _ => "exec sleep 100000",
        });
        return script.ToString();
    }

    private string Seen(string taskId) => Path.Combine(_place.Make("seen"), taskId);
}
