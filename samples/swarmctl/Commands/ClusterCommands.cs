// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl cluster …</c>.</summary>
internal static class ClusterCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group(
        "cluster", "Cluster management", Inspect(cli), List(cli), UnlockKey(cli), Update(cli));

    private static Argument<string> Name() =>
        new("cluster name") { Description = "ID or name of the cluster; there is one, called default" };

    private static Command Inspect(Cli cli)
    {
        Argument<string> name = Name();
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a cluster: its settings and join tokens", [name, format.Option], async run =>
        {
            Cluster cluster = await run.Client.Clusters.ResolveAsync(run.Get(name), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, cluster);
            }
            else
            {
                Fields(cluster).WriteTo(run.Output);
            }
        });
    }

    private static FieldList Fields(Cluster cluster)
    {
        ClusterSpec spec = cluster.Spec ?? new ClusterSpec();
        var fields = new FieldList();
        fields.Add("ID", cluster.Id);
        fields.Add("Name", spec.Annotations?.Name ?? "");
        fields.Line("Orchestration settings:");
        long history = spec.Orchestration?.TaskHistoryRetentionLimit ?? SwarmDefaults.TaskHistoryRetentionLimit;
        fields.Line("  Task history entries: " + history.ToString(CultureInfo.InvariantCulture));
        fields.Line("Dispatcher settings:");
        TimeSpan heartbeat = (spec.Dispatcher?.HeartbeatPeriod).OrDefault(SwarmDefaults.HeartbeatPeriod);
        fields.Line("  Dispatcher heartbeat period: " + GoDuration.Format(heartbeat));
        fields.Line("Certificate Authority settings:");
        TimeSpan expiry = (spec.CaConfig?.NodeCertExpiry).OrDefault(SwarmDefaults.NodeCertificateExpiry);
        fields.Line("  Certificate Validity Duration: " + GoDuration.Format(expiry));
        if (cluster.RootCa?.JoinTokens is { } tokens)
        {
            fields.Line("  Join Tokens:");
            fields.Line("    Worker: " + tokens.Worker);
            fields.Line("    Manager: " + tokens.Manager);
        }

        if (spec.TaskDefaults?.LogDriver is { Name.Length: > 0 } driver)
        {
            fields.Line("Default Log Driver: " + driver.Name);
            foreach ((string key, string value) in driver.Options.OrderBy(static o => o.Key, StringComparer.Ordinal))
            {
                fields.Line($"  {key}={value}");
            }
        }

        return fields;
    }

    private static Command List(Cli cli)
    {
        var flags = new ListFlags();
        Command command = cli.Leaf("ls", "List clusters", flags.Symbols, async run =>
        {
            IReadOnlyList<Cluster> clusters = await run.Client.Clusters.ListAsync(cancellationToken: run.Cancellation);
            run.PrintList(flags, clusters, static c => c.Id, () =>
            {
                var table = new TextTable(TextTable.ListGap, "ID", "Name");
                foreach (Cluster cluster in clusters)
                {
                    table.Add(cluster.Id, cluster.Spec?.Annotations?.Name ?? "");
                }

                return table;
            });
        });
        command.Aliases.Add("list");
        return command;
    }

    private static Command UnlockKey(Cli cli)
    {
        Argument<string> name = Name();
        return cli.Leaf("unlock-key", "Get the unlock key for a cluster", [name], static _ => throw new SwarmException(
            SwarmErrorCode.Unimplemented,
            "managers are not locked: locking them, and the unlock key, come with a later version, together with encryption at rest"));
    }

    private static Command Update(Cli cli)
    {
        Argument<string> name = Name();
        Option<bool?> autolock = new(
            "--autolock") { Description = "Enable or disable manager autolocking (requires an unlock key to start)" };
        Option<TimeSpan?> expiry = Parse.Duration(
            "--certexpiry", "Duration node certificates will be valid for, at least 1h (default 2160h0m0s)");
        Option<TimeSpan?> heartbeat = Parse.Duration("--heartbeatperiod", "Period when heartbeat is expected to receive from agent");
        Option<string?> driver = Parse.Text("--log-driver", "Default log driver of tasks", "driver");
        Option<string[]> options = Parse.List("--log-opt", "Options of the default log driver", "key=value");
        Option<string?> rotate = Parse.Text("--rotate-join-token", "Make a join token anew: worker, manager or all", "token");
        rotate.AcceptOnlyFromAmong("worker", "manager", "all");
        Option<bool> rotateKey = new("--rotate-unlock-key") { Description = "Rotate the unlock key of the managers" };
        Option<long?> history = new(
            "--taskhistory") { Description = "Number of historic task entries to retain per slot or node", HelpName = "number" };
        return cli.Leaf(
            "update",
            "Update a cluster",
            [name, autolock, expiry, heartbeat, driver, options, rotate, rotateKey, history],
            async run =>
            {
                Cluster cluster = await run.Client.Clusters.ResolveAsync(run.Get(name), run.Cancellation);
                string? token = run.Get(rotate);
                var rotation = new KeyRotation
                {
                    WorkerJoinToken = token is "worker" or "all",
                    ManagerJoinToken = token is "manager" or "all",
                    ManagerUnlockKey = run.Get(rotateKey),
                };
                Cluster updated = await run.Client.Clusters.UpdateAsync(
                    cluster.Id,
                    spec =>
                    {
                        if (run.Get(autolock) is { } locked)
                        {
                            (spec.EncryptionConfig ??= new()).AutoLockManagers = locked;
                        }

                        if (run.Get(expiry) is { } life)
                        {
                            (spec.CaConfig ??= new()).NodeCertExpiry = Duration.FromTimeSpan(life);
                        }

                        if (run.Get(heartbeat) is { } period)
                        {
                            (spec.Dispatcher ??= new()).HeartbeatPeriod = Duration.FromTimeSpan(period);
                        }

                        if (run.Get(history) is { } entries)
                        {
                            (spec.Orchestration ??= new()).TaskHistoryRetentionLimit = entries;
                        }

                        Driver? log = SpecFlags.LogDriver(run.Get(driver), run.Get(options), spec.TaskDefaults?.LogDriver);
                        (spec.TaskDefaults ??= new()).LogDriver = log;
                    },
                    rotation,
                    run.Cancellation);
                run.Output.WriteLine(updated.Id);
            });
    }
}
