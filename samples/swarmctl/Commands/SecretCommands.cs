// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl secret …</c>.</summary>
internal static class SecretCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group("secret", "Secret management", Create(cli), Inspect(cli), List(cli), Remove(cli));

    private static Command Create(Cli cli)
    {
        Argument<string> name = new("secret name") { Description = "Name of the new secret" };
        Option<string?> file = Parse.Text("--file", "File with the data, at most 500 KiB; standard input when left out", "path");
        file.Aliases.Add("-f");
        Option<string[]> label = Parse.List("--label", "Labels of the secret", "key=value");
        Option<string?> driver = Parse.Text("--driver", "Driver that keeps the secret, in place of data", "driver");
        driver.Aliases.Add("-d");
        return cli.Leaf("create", "Create a secret", [name, file, label, driver], async run =>
        {
            var spec = new SecretSpec { Annotations = new Annotations { Name = run.Get(name) } };
            SpecFlags.SetLabels(spec.Annotations, run.Get(label) ?? []);
            if (run.Get(driver) is { Length: > 0 } keeper)
            {
                Cli.Require(run.Get(file) is null, "--driver and --file exclude each other");
                spec.Driver = new Driver { Name = keeper };
            }
            else
            {
                spec.Data = await DataFile.ReadAsync(run.Get(file), run.Cancellation);
            }

            Secret created = await run.Client.Secrets.CreateAsync(spec, run.Cancellation);
            run.Output.WriteLine(created.Id);
        });
    }

    private static Command Inspect(Cli cli)
    {
        Argument<string> id = DataCommands.Id("secret");
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a secret", [id, format.Option], async run =>
        {
            Secret secret = await run.Client.Secrets.ResolveAsync(run.Get(id), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, secret);
                return;
            }

            var fields = new FieldList();
            fields.Add("ID", secret.Id);
            fields.Add("Name", secret.Spec?.Annotations?.Name ?? "");
            fields.Labels("Labels", "  ", secret.Spec?.Annotations?.Labels);
            fields.AddIfSet("Driver", secret.Spec?.Driver?.Name);
            fields.Add("Created", Human.Moment(secret.Meta?.CreatedAt));
            fields.WriteTo(run.Output);
        });
    }

    private static Command List(Cli cli) => DataCommands.List<Secret>(
        cli,
        "secret",
        ["ID", "Name", "Driver", "Created"],
        static run => run.Client.Secrets.ListAsync(cancellationToken: run.Cancellation),
        static (o, run) => [o.Id, o.Spec?.Annotations?.Name ?? "", o.Spec?.Driver?.Name ?? "", Human.Ago(o.Meta?.CreatedAt, run.Now)]);

    private static Command Remove(Cli cli) => DataCommands.Remove(
        cli,
        "secret",
        static async (run, name) => (await run.Client.Secrets.ResolveAsync(name, run.Cancellation)).Id,
        static (run, id) => run.Client.Secrets.RemoveAsync(id, run.Cancellation));
}
