// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl config …</c>.</summary>
internal static class ConfigCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group("config", "Config management", Create(cli), Inspect(cli), List(cli), Remove(cli));

    private static Command Create(Cli cli)
    {
        Argument<string> name = new("config name") { Description = "Name of the new config" };
        Option<string?> file = Parse.Text("--file", "File with the data, at most 1000 KiB; standard input when left out", "path");
        file.Aliases.Add("-f");
        Option<string[]> label = Parse.List("--label", "Labels of the config", "key=value");
        return cli.Leaf("create", "Create a config", [name, file, label], async run =>
        {
            var spec = new ConfigSpec { Annotations = new Annotations { Name = run.Get(name) } };
            SpecFlags.SetLabels(spec.Annotations, run.Get(label) ?? []);
            spec.Data = await DataFile.ReadAsync(run.Get(file), run.Cancellation);
            Config created = await run.Client.Configs.CreateAsync(spec, run.Cancellation);
            run.Output.WriteLine(created.Id);
        });
    }

    private static Command Inspect(Cli cli)
    {
        Argument<string> id = DataCommands.Id("config");
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a config", [id, format.Option], async run =>
        {
            Config config = await run.Client.Configs.ResolveAsync(run.Get(id), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, config);
                return;
            }

            var fields = new FieldList();
            fields.Add("ID", config.Id);
            fields.Add("Name", config.Spec?.Annotations?.Name ?? "");
            fields.Labels("Labels", "  ", config.Spec?.Annotations?.Labels);
            fields.Add("Created", Human.Moment(config.Meta?.CreatedAt));
            fields.WriteTo(run.Output);
            run.Output.WriteLine();
            run.Output.WriteLine(config.Spec?.Data.ToStringUtf8());
        });
    }

    private static Command List(Cli cli) => DataCommands.List<Config>(
        cli,
        "config",
        ["ID", "Name", "Created"],
        static run => run.Client.Configs.ListAsync(cancellationToken: run.Cancellation),
        static (o, run) => [o.Id, o.Spec?.Annotations?.Name ?? "", Human.Ago(o.Meta?.CreatedAt, run.Now)]);

    private static Command Remove(Cli cli) => DataCommands.Remove(
        cli,
        "config",
        static async (run, name) => (await run.Client.Configs.ResolveAsync(name, run.Cancellation)).Id,
        static (run, id) => run.Client.Configs.RemoveAsync(id, run.Cancellation));
}
