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

    [ModuleInitializer]
    internal static void RunAsAgent()
    {
        if (Environment.GetEnvironmentVariable(RoleVariable) is not { } stateDirectory)
        {
            return;
        }

        var options = new ProcessExecutorOptions { StateDirectory = stateDirectory, CgroupDirectory = "" };
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
