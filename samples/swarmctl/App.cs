// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using Swarm.Core;
using Swarm.Samples.Swarmctl.Commands;

namespace Swarm.Samples.Swarmctl;

/// <summary>The whole command line.</summary>
internal static class App
{
    /// <summary>What a failing command exits with. (SwarmKit's tool exits with 255; any code but 0 means failure.)</summary>
    public const int Failure = 1;

    /// <summary>What a command exits with that was interrupted, as shells have it for Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs one command line.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <param name="arguments">What was typed.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Cli cli, string[] arguments, CancellationToken cancellationToken = default)
    {
        ParseResult result = Build(cli).Parse(arguments);
        if (result.Errors.Count > 0 && result.Action is not HelpAction)
        {
            string command = CommandPath(result);
            await cli.Error.WriteLineAsync($"Error: {result.Errors[0].Message}");
            await cli.Error.WriteLineAsync($"Run '{command} --help' for its arguments and flags.");
            return Failure;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = cli.Output,
                Error = cli.Error,
                EnableDefaultExceptionHandler = false,
            };
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Whoever pressed Ctrl-C needs no telling.
            return Interrupted;
        }
        catch (Exception e) when (e is SwarmException or IOException or UnauthorizedAccessException)
        {
            await cli.Error.WriteLineAsync("Error: " + e.Message);
            return Failure;
        }
        catch (Exception e)
        {
            // The last stop of the program: a defect of ours is one line, too.
            await cli.Error.WriteLineAsync($"Error: internal error: {e.GetType().Name}: {e.Message}");
            return Failure;
        }
    }

    /// <summary>Makes the command line.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>Its root.</returns>
    public static RootCommand Build(Cli cli)
    {
        var root = new RootCommand("Control a swarm cluster")
        {
            ClusterCommands.Build(cli),
            NodeCommands.Build(cli),
            ServiceCommands.Build(cli),
            TaskCommands.Build(cli),
            SecretCommands.Build(cli),
            ConfigCommands.Build(cli),
            NetworkCommands.Build(cli),
            VersionCommand.Build(cli),
        };
        root.Options.Add(cli.Socket);
        root.Options.Add(cli.NoResolve);
        root.SetAction(static result => new HelpAction().Invoke(result));
        return root;
    }

    private static string CommandPath(ParseResult result)
    {
        var names = new List<string>();
        for (var command = result.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Add(command.Command is RootCommand ? "swarmctl" : command.Command.Name);
        }

        names.Reverse();
        return string.Join(' ', names);
    }
}
