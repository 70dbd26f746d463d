// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Runtime.Process.Tests;

/// <summary>
/// A second process that starts a task and then only waits to be killed: this test program, started again with a variable that says so.
/// </summary>
internal static class KilledAgent
{
    private const string RoleVariable = "SWARM_TEST_AGENT_STATE";
    private const string PointVariable = "SWARM_TEST_AGENT_DIES";
    private const string RunsName = "runs";

    public static ProcessSpec Spec => ExecutorFixture.Shell("trap 'exit 9' TERM; while :; do echo tick; sleep 0.02; done");

    /// <summary>Starts the agent, and waits until its task runs.</summary>
    /// <returns>Process ids of the agent and of its task.</returns>
    public static (int Agent, string Task) StartTask(string stateDirectory)
    {
        (var read, var write) = ProcessWatcher.Pipe();
        using (read)
        {
            string[] environment = [.. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
                .Select(static variable => $"{variable.Key}={variable.Value}"), $"{RoleVariable}={stateDirectory}"];
            int agent;
            using (write)
            {
                agent = Spawner.Start([Environment.ProcessPath!], environment, [((int)write.DangerousGetHandle(), 1)], null);
            }

            // The agent writes one line, and nothing else ever writes to this pipe.
            using var reader = new StreamReader(new FileStream(read, FileAccess.Read));
            return (agent, reader.ReadLine() ?? throw new InvalidOperationException("the agent died"));
        }
    }

    /// <summary>Where an agent that is to die does so.</summary>
    public enum Point
    {
        /// <summary>The task is prepared.</summary>
        Prepared,

        /// <summary>The supervisor lives, and no record names it: the agent hangs there and waits to be killed.</summary>
        Spawned,

        /// <summary>The record names the supervisor, who was not told to go.</summary>
        Recorded,

        /// <summary>The supervisor was told to go.</summary>
        Gone,
    }

    /// <summary>A task that leaves a line in a file each time it is run.</summary>
    public static ProcessSpec CountedSpec(string stateDirectory) =>
        ExecutorFixture.Shell($"echo run >> {Path.Combine(stateDirectory, RunsName)}; echo ran; sleep 1000");

    /// <summary>How often the task was run.</summary>
    public static int Runs(string stateDirectory) => File.ReadAllLines(Path.Combine(stateDirectory, RunsName)).Length;

    /// <summary>Starts an agent that dies at a point on the way of its task, and buries it.</summary>
    public static async Task DieAtAsync(string stateDirectory, Point point)
    {
        string[] environment = [.. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(static variable => $"{variable.Key}={variable.Value}"), $"{RoleVariable}={stateDirectory}", $"{PointVariable}={point}"];
        int agent = Spawner.Start([Environment.ProcessPath!], environment, [], null);
        if (point == Point.Spawned)
        {
            string marker = Path.Combine(stateDirectory, "tasks", "t1", "work");
            while (!(await new ProcessScanner().ScanAsync()).ByTask[marker].Any())
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }

            _ = LibC.kill(agent, StopSignal.Kill);
        }

        ExecutorFixture.AwaitDeath(agent);
        _ = LibC.waitpid(agent, out _, 0);
        File.Delete(Path.Combine(stateDirectory, "tasks", "t1", "task.json.tmp"));
    }

    private static void Die(ProcessExecutorOptions options, Point point)
    {
        var executor = new ProcessExecutor(options);
        var task = new Api.Task { Id = "t1", Spec = new TaskSpec { Generic = ProcessExecutor.Pack(CountedSpec(options.StateDirectory)) } };
        ITaskController controller = executor.CreateController(task, NoTaskDependencies.Instance);
        controller.PrepareAsync().GetAwaiter().GetResult();
        var directory = new TaskDirectory(Path.Combine(options.StateDirectory, "tasks"), "t1");
        if (point == Point.Spawned)
        {
            // Whoever opens this for writing waits for a reader.
            System.Diagnostics.Process.Start("mkfifo", directory.Record + ".tmp").WaitForExit();
            controller.StartAsync().GetAwaiter().GetResult();
        }

        if (point is Point.Recorded or Point.Gone)
        {
            ProcessPlan plan = ProcessPlanner.Plan(task, options);
            SupervisorLauncher.Launch(task, plan, TaskRecord.Load(directory.Record)!, directory, options, (_, _) =>
            {
                if (point == Point.Recorded)
                {
                    _ = LibC.kill(Environment.ProcessId, StopSignal.Kill);
                }
            });
        }

        _ = LibC.kill(Environment.ProcessId, StopSignal.Kill);
    }

    [ModuleInitializer]
    internal static void RunAsAgent()
    {
        if (Environment.GetEnvironmentVariable(RoleVariable) is not { } stateDirectory)
        {
            return;
        }

        var options = new ProcessExecutorOptions { StateDirectory = stateDirectory, CgroupDirectory = "" };
        if (Environment.GetEnvironmentVariable(PointVariable) is { } point)
        {
            Die(options, Enum.Parse<Point>(point));
        }

        var executor = new ProcessExecutor(options);
        var task = new Api.Task { Id = "t1", Spec = new TaskSpec { Generic = ProcessExecutor.Pack(Spec) } };
        ITaskController controller = executor.CreateController(task, NoTaskDependencies.Instance);
        controller.PrepareAsync().GetAwaiter().GetResult();
        controller.StartAsync().GetAwaiter().GetResult();
        ContainerStatus status = ((IContainerStatusSource)controller).GetContainerStatusAsync().GetAwaiter().GetResult()!;
        Console.WriteLine(status.Pid);
        controller.WaitAsync().GetAwaiter().GetResult();
        Environment.Exit(1);
    }
}
