// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl task …</c>.</summary>
internal static class TaskCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group("task", "Task management", Inspect(cli), List(cli), Remove(cli));

    private static Argument<string> Id() => new("task ID") { Description = "ID of the task, or its beginning" };

    private static Command Inspect(Cli cli)
    {
        Argument<string> id = Id();
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a task", [id, format.Option], async run =>
        {
            Api.Task task = await run.Client.Tasks.ResolveAsync(run.Get(id), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, task);
            }
            else
            {
                TaskFields.Of(task, await run.ReadNamesAsync(), run.Now).WriteTo(run.Output);
            }
        });
    }

    private static Command List(Cli cli)
    {
        var flags = new ListFlags();
        Option<bool> all = new("--all", "-a") { Description = "Show all tasks (default shows just running)" };
        Command command = cli.Leaf("ls", "List tasks", flags.Symbols.Prepend(all), async run =>
        {
            IReadOnlyList<Api.Task> tasks = await run.Client.Tasks.ListAsync(cancellationToken: run.Cancellation);
            Api.Task[] shown = [.. tasks.Where(t => run.Get(all) || TaskTables.IsCurrent(t))];
            Names names = await run.ReadNamesAsync();
            run.PrintList(flags, shown, static t => t.Id, () => TaskTables.List(shown, tasks, names, run.Now));
        });
        command.Aliases.Add("list");
        return command;
    }

    private static Command Remove(Cli cli)
    {
        Argument<string> id = Id();
        Command command = cli.Leaf("remove", "Remove a task", [id], async run =>
        {
            Api.Task task = await run.Client.Tasks.ResolveAsync(run.Get(id), run.Cancellation);
            await run.Client.Tasks.RemoveAsync(task.Id, run.Cancellation);
            run.Output.WriteLine(task.Id);
        });
        command.Aliases.Add("rm");
        return command;
    }
}
