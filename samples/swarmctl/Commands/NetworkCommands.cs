// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Swarm.Api;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl network …</c>.</summary>
internal static class NetworkCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group("network", "Network management", Create(cli), Inspect(cli), List(cli), Remove(cli));

    private static Argument<string> Id() => new("network ID") { Description = "ID or name of the network, or the beginning of its ID" };

    private static Command Create(Cli cli)
    {
        Option<string?> name = Parse.Text("--name", "Network name", "name");
        Option<string?> driver = Parse.Text("--driver", "Network driver", "driver");
        Option<string[]> options = Parse.List("--opts", "Network driver options", "key=value");
        Option<string?> ipam = Parse.Text("--ipam-driver", "IP address management driver", "driver");
        Option<string[]> subnets = Parse.List("--subnet", "Subnets in CIDR form", "subnet");
        Option<string[]> ranges = Parse.List("--ip-range", "Ranges to give addresses from, one for each subnet", "range");
        Option<string[]> gateways = Parse.List("--gateway", "Gateways, one for each subnet", "address");
        return cli.Leaf("create", "Create a network", [name, driver, options, ipam, subnets, ranges, gateways], async run =>
        {
            Cli.Require(run.Get(name) is { Length: > 0 }, "--name is mandatory");
            var spec = new NetworkSpec { Annotations = new Annotations { Name = run.Get(name) } };
            if (run.Get(driver) is { Length: > 0 } driverName)
            {
                spec.DriverConfig = SpecFlags.LogDriver(driverName, run.Get(options), null);
            }

            spec.Ipam = Ipam(run.Get(ipam), run.Get(subnets) ?? [], run.Get(ranges) ?? [], run.Get(gateways) ?? []);
            run.Output.WriteLine((await run.Client.Networks.CreateAsync(spec, run.Cancellation)).Id);
        });
    }

    private static IPAMOptions? Ipam(string? driver, string[] subnets, string[] ranges, string[] gateways)
    {
        Cli.Require(
            ranges.Length <= subnets.Length && gateways.Length <= subnets.Length, "each --ip-range and --gateway needs a --subnet");
        if (driver is null && subnets.Length == 0)
        {
            return null;
        }

        var options = new IPAMOptions { Driver = driver is null ? null : new Driver { Name = driver } };
        for (int i = 0; i < subnets.Length; i++)
        {
            options.Configs.Add(new IPAMConfig
            {
                Family = IPAMConfig.Types.AddressFamily.Ipv4,
                Subnet = subnets[i],
                Range = i < ranges.Length ? ranges[i] : "",
                Gateway = i < gateways.Length ? gateways[i] : "",
            });
        }

        return options;
    }

    private static Command Inspect(Cli cli)
    {
        Argument<string> id = Id();
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a network", [id, format.Option], async run =>
        {
            Network network = await run.Client.Networks.ResolveAsync(run.Get(id), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, network);
            }
            else
            {
                NetworkFields.Of(network).WriteTo(run.Output);
            }
        });
    }

    private static Command List(Cli cli)
    {
        var flags = new ListFlags();
        Command command = cli.Leaf("ls", "List networks", flags.Symbols, async run =>
        {
            IReadOnlyList<Network> networks = await run.Client.Networks.ListAsync(cancellationToken: run.Cancellation);
            run.PrintList(flags, networks, static n => n.Id, () =>
            {
                var table = new TextTable(TextTable.ListGap, "ID", "Name", "Driver");
                foreach (Network network in networks)
                {
                    table.Add(
                        network.Id, network.Spec?.Annotations?.Name ?? "",
                        network.DriverState?.Name ?? network.Spec?.DriverConfig?.Name ?? "");
                }

                return table;
            });
        });
        command.Aliases.Add("list");
        return command;
    }

    private static Command Remove(Cli cli)
    {
        Argument<string> id = Id();
        Command command = cli.Leaf("remove", "Remove a network", [id], async run =>
        {
            Network network = await run.Client.Networks.ResolveAsync(run.Get(id), run.Cancellation);
            await run.Client.Networks.RemoveAsync(network.Id, run.Cancellation);
            run.Output.WriteLine(run.Get(id));
        });
        command.Aliases.Add("rm");
        return command;
    }
}
