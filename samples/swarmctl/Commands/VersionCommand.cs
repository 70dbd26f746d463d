// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Reflection;
using Swarm.Client;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The command.</returns>
    public static Command Build(Cli cli)
    {
        var command = new Command("version", "Print version number of swarmctl");
        command.SetAction(_ =>
        {
            Assembly client = typeof(SwarmClient).Assembly;
            string? version = client.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            cli.Output.WriteLine($"swarmctl {client.GetName().Name} {version ?? "unknown"}");
            return 0;
        });
        return command;
    }
}
