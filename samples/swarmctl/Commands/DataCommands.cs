// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Swarm.Api;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary>What the commands about secrets and those about configs have in common.</summary>
internal static class DataCommands
{
    /// <summary>The argument that names one of them.</summary>
    /// <param name="kind">"secret" or "config".</param>
    /// <returns>The argument.</returns>
    public static Argument<string> Id(string kind) =>
        new($"{kind} ID or name") { Description = $"ID or name of the {kind}, or the beginning of its ID" };

    /// <summary><c>ls</c>.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <param name="kind">"secret" or "config".</param>
    /// <param name="columns">The titles of the table.</param>
    /// <param name="list">Reads all of them.</param>
    /// <param name="row">The cells of one.</param>
    /// <returns>The command.</returns>
    public static Command List<T>(
        Cli cli, string kind, string[] columns, Func<Invocation, Task<IReadOnlyList<T>>> list, Func<T, Invocation, string[]> row)
        where T : class, IStoreObject
    {
        var flags = new ListFlags();
        Command command = cli.Leaf("ls", $"List {kind}s", flags.Symbols, async run =>
        {
            IReadOnlyList<T> found = await list(run);
            run.PrintList(flags, found, static o => o.Id, () =>
            {
                var table = new TextTable(TextTable.ListGap, columns);
                foreach (T item in found)
                {
                    table.Add(row(item, run));
                }

                return table;
            });
        });
        command.Aliases.Add("list");
        return command;
    }

    /// <summary><c>remove</c>.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <param name="kind">"secret" or "config".</param>
    /// <param name="resolve">Finds the id of the one that is named.</param>
    /// <param name="remove">Removes it by its id.</param>
    /// <returns>The command.</returns>
    public static Command Remove(
        Cli cli, string kind, Func<Invocation, string, Task<string>> resolve, Func<Invocation, string, Task> remove)
    {
        Argument<string> named = Id(kind);
        Command command = cli.Leaf("remove", $"Remove a {kind}", [named], async run =>
        {
            string id = await resolve(run, run.Get(named));
            await remove(run, id);
            run.Output.WriteLine(id);
        });
        command.Aliases.Add("rm");
        return command;
    }
}
