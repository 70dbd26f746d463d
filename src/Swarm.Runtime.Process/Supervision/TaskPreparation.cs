// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>Checks what a task asks for, and makes its directories and files.</summary>
internal sealed class TaskPreparation(string taskId, TaskDirectory directory, TaskProcesses processes, RunServices services)
{
    /// <summary>Prepares a task. Leaves nothing behind when it fails.</summary>
    /// <returns>What is now known of the task on disk.</returns>
    public async Task<TaskRecord> RunAsync(Api.Task task, ITaskDependencies dependencies, CancellationToken cancellationToken)
    {
        ProcessPlan plan = ProcessPlanner.Plan(task, services.Options);
        ProcessPlanner.CheckReach(services.TasksDirectory, plan.User);
        TaskCgroup.CheckLimits(services.CgroupBase, plan);
        var record = new TaskRecord
        {
            TaskId = taskId,
            StopSignal = plan.StopSignal,
            StopGrace = plan.StopGrace,
            DependencyDirectory = services.Dependencies.DirectoryOf(directory),
            Cgroup = services.CgroupBase is null ? null : Path.Combine(services.CgroupBase, taskId),
        };
        if (Directory.Exists(directory.Root))
        {
            // Without a record that can be read: of an agent that died in the middle of this, or worse.
            await processes.KillAsync(record, 0, cancellationToken);
            directory.Delete();
        }

        try
        {
            directory.Create(plan.User);
            services.Dependencies.Write(record.DependencyDirectory, task, dependencies, plan.User);
            record.Save(directory.Record);
            return record;
        }
        catch
        {
            services.Dependencies.Delete(record.DependencyDirectory);
            directory.Delete();
            throw;
        }
    }

    /// <summary>
    /// Brings a task's secrets and configs back if they are gone: a machine that was restarted has kept what is on disk, not what was in memory.
    /// </summary>
    public void RestoreDependencies(Api.Task task, ITaskDependencies dependencies, TaskRecord record, ProcessPlan plan)
    {
        if (!Directory.Exists(DependencyFiles.Configs(record.DependencyDirectory)))
        {
            services.Dependencies.Write(record.DependencyDirectory, task, dependencies, plan.User);
        }
    }
}
