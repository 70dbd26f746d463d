// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Swarm.Api;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;
using Availability = Swarm.Api.NodeSpec.Types.Availability;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl node …</c>.</summary>
internal static class NodeCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group(
        "node",
        "Node management",
        Change(cli, "activate", "Activate a node: it may get tasks", static s => s.Availability = Availability.Active),
        Change(cli, "demote", "Demote a node from a manager to a worker", static s => s.DesiredRole = NodeRole.Worker),
        Change(cli, "drain", "Drain a node: its tasks move away", static s => s.Availability = Availability.Drain),
        Inspect(cli),
        List(cli),
        Change(cli, "pause", "Pause a node: it gets no new tasks", static s => s.Availability = Availability.Pause),
        Change(cli, "promote", "Promote a node to a manager", static s => s.DesiredRole = NodeRole.Manager),
        Remove(cli),
        Update(cli));

    private static Argument<string> Id() => new("node ID") { Description = "ID or name of the node, or the beginning of its ID" };

    private static Command Change(Cli cli, string name, string description, Action<NodeSpec> change)
    {
        Argument<string> id = Id();
        return cli.Leaf(name, description, [id], async run =>
        {
            Node node = await run.Client.Nodes.ResolveAsync(run.Get(id), run.Cancellation);
            await run.Client.Nodes.UpdateAsync(node.Id, change, run.Cancellation);
        });
    }

    private static Command Inspect(Cli cli)
    {
        Argument<string> id = Id();
        Option<bool> all = new("--all", "-a") { Description = "Show all tasks (default shows just running)" };
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a node", [id, all, format.Option], async run =>
        {
            Node node = await run.Client.Nodes.ResolveAsync(run.Get(id), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, node);
                return;
            }

            Names names = await run.ReadNamesAsync();
            IReadOnlyList<Api.Task> tasks = await run.Client.Tasks.ListAsync(new() { NodeIds = { node.Id } }, run.Cancellation);
            NodeFields.Of(node).WriteTo(run.Output);
            Api.Task[] shown = [.. tasks.Where(t => run.Get(all) || TaskTables.IsCurrent(t))];
            if (shown.Length > 0)
            {
                run.Output.WriteLine();
                TaskTables.Inspect(shown, tasks, names, run.Now).WriteTo(run.Output);
            }
        });
    }

    private static Command List(Cli cli)
    {
        var flags = new ListFlags();
        Command command = cli.Leaf("ls", "List nodes", flags.Symbols, async run =>
        {
            IReadOnlyList<Node> nodes = await run.Client.Nodes.ListAsync(cancellationToken: run.Cancellation);
            run.PrintList(flags, nodes, static n => n.Id, () => Table(nodes));
        });
        command.Aliases.Add("list");
        return command;
    }

    private static TextTable Table(IEnumerable<Node> nodes)
    {
        var table = new TextTable(TextTable.ListGap, "ID", "Name", "Membership", "Status", "Availability", "Manager Status");
        foreach (Node node in nodes)
        {
            NodeSpec spec = node.Spec ?? new NodeSpec();
            string manager = node.ManagerStatus is { } status ? Wire.Name(status.Reachability) + (status.Leader ? " *" : "") : "";
            table.Add(
                node.Id,
                Names.NodeName(node),
                Wire.Name(spec.Membership),
                Wire.Name(node.Status?.State ?? NodeStatus.Types.State.Unknown),
                Wire.Name(spec.Availability),
                manager);
        }

        return table;
    }

    private static Command Remove(Cli cli)
    {
        Argument<string> id = Id();
        Option<bool> force = new("--force", "-f") { Description = "Force removal of a node that is not down" };
        Command command = cli.Leaf("remove", "Remove a node", [id, force], async run =>
        {
            Node node = await run.Client.Nodes.ResolveAsync(run.Get(id), run.Cancellation);
            await run.Client.Nodes.RemoveAsync(node.Id, run.Get(force), run.Cancellation);
            run.Output.WriteLine(run.Get(id));
        });
        command.Aliases.Add("rm");
        return command;
    }

    private static Command Update(Cli cli)
    {
        Argument<string> id = Id();
        Option<string[]> label = Parse.List("--label", "Node labels; they take the place of all before", "key=value");
        return cli.Leaf("update", "Update a node", [id, label], async run =>
        {
            Node node = await run.Client.Nodes.ResolveAsync(run.Get(id), run.Cancellation);
            await run.Client.Nodes.UpdateAsync(
                node.Id,
                spec =>
                {
                    if (run.Result.GetResult(label) is not null)
                    {
                        SpecFlags.SetLabels(spec.Annotations ??= new Annotations(), run.Get(label)!);
                    }
                },
                run.Cancellation);
        });
    }
}
