// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl service logs</c>.</summary>
internal static class LogsCommand
{
    // Tasks that were not known and looked up, each once; beyond these nothing new is looked up any more.
    private const int LookUpsMax = 10_000;

    /// <summary>Makes the command.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The command.</returns>
    public static Command Build(Cli cli)
    {
        Argument<string[]> ids = new("service ID") { Description = "IDs or names of services", Arity = ArgumentArity.OneOrMore };
        Option<bool> follow = new("--follow", "-f") { Description = "Follow log output" };
        Option<long?> tail = new("--tail") { Description = "Only the last lines of each task", HelpName = "lines" };
        Option<TimeSpan?> since = Parse.Duration("--since", "Only lines of this last stretch of time, such as 10m");
        return cli.Leaf("logs", "Obtain log output from a service", [ids, follow, tail, since], async run =>
        {
            var selector = new LogSelector();
            foreach (string reference in run.Get(ids))
            {
                selector.ServiceIds.Add((await run.Client.Services.ResolveAsync(reference, run.Cancellation)).Id);
            }

            var options = new LogSubscriptionOptions { Follow = run.Get(follow) };
            if (run.Get(tail) is { } lines)
            {
                // The wire counts down from -1: -1 is no line at all, -2 the last one. 0 means all.
                options.Tail = -Math.Max(lines, 0) - 1;
            }

            if (run.Get(since) is { } stretch)
            {
                options.Since = Timestamp.FromDateTimeOffset(run.Now - stretch);
            }

            await PrintAsync(run, selector, options);
        });
    }

    private static async Task PrintAsync(Invocation run, LogSelector selector, LogSubscriptionOptions options)
    {
        Names names = await run.ReadNamesAsync();
        Dictionary<string, Api.Task> tasks = await ReadTasksAsync(run, selector);
        var lookedUp = new HashSet<string>(StringComparer.Ordinal);
        await foreach (LogMessage message in run.Client.Logs.ReadAsync(selector, options, run.Cancellation))
        {
            string id = message.Context.TaskId;
            if (!tasks.ContainsKey(id) && lookedUp.Count < LookUpsMax && lookedUp.Add(id))
            {
                // Begun since: one that follows for days sees many a new task, and new nodes.
                names = await run.ReadNamesAsync();
                tasks = await ReadTasksAsync(run, selector);
            }

            TextWriter writer = message.Stream == LogStream.Stderr ? run.Cli.Error : run.Output;
            string text = message.Data.ToStringUtf8().TrimEnd('\n', '\r');
            await writer.WriteLineAsync($"{Source(message.Context, names, tasks)}    | {text}");
        }
    }

    private static async Task<Dictionary<string, Api.Task>> ReadTasksAsync(Invocation run, LogSelector selector) =>
        (await run.Client.Tasks.ListAsync(new() { ServiceIds = { selector.ServiceIds } }, run.Cancellation)).ToDictionary(static t => t.Id);

    private static string Source(LogContext context, Names names, Dictionary<string, Api.Task> tasks)
    {
        string slot = tasks.TryGetValue(context.TaskId, out Api.Task? task) && task.Slot != 0 ? $".{task.Slot}" : "";
        return $"{names.Service(context.ServiceId)}{slot}.{context.TaskId}@{names.Node(context.NodeId)}";
    }
}
