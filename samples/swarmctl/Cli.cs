// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using Swarm.Client;
using Swarm.Core;

namespace Swarm.Samples.Swarmctl;

/// <summary>The surroundings of one run: where to write, what time it is, how to reach the cluster.</summary>
/// <param name="output">What people and scripts read.</param>
/// <param name="error">Where errors go.</param>
/// <param name="time">The clock.</param>
/// <param name="connect">Makes a client for a control socket.</param>
/// <param name="live">Whether progress may be drawn in place: output is a terminal.</param>
internal sealed class Cli(TextWriter output, TextWriter error, TimeProvider time, Func<string, SwarmClient> connect, bool live)
{
    /// <summary>The variable that names the control socket.</summary>
    public const string SocketVariable = "SWARM_SOCKET";

    private const string DefaultSocket = "/var/run/swarmd.sock";

    /// <summary>What people and scripts read.</summary>
    public TextWriter Output => output;

    /// <summary>Where errors go.</summary>
    public TextWriter Error => error;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether progress may be drawn in place.</summary>
    public bool IsLive => live;

    /// <summary>The flag that names the control socket.</summary>
    public Option<string> Socket { get; } = new("--socket", "-s")
    {
        Description = $"Socket to connect to the Swarm manager (default: {SocketVariable}, else {DefaultSocket})",
        Recursive = true,
        HelpName = "path",
        DefaultValueFactory = static _ => Environment.GetEnvironmentVariable(SocketVariable) is { Length: > 0 } path ? path : DefaultSocket,
    };

    /// <summary>The flag that shows ids in place of names.</summary>
    public Option<bool> NoResolve { get; } = new("--no-resolve", "-n")
    {
        Description = "Do not try to map IDs to names when displaying them",
        Recursive = true,
    };

    /// <summary>Refuses what the user gave unless a condition holds.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="message">One line for the user.</param>
    /// <exception cref="SwarmException">It does not hold.</exception>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, message);
        }
    }

    /// <summary>Makes a command that does something.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">One line of help.</param>
    /// <param name="symbols">Its arguments and options.</param>
    /// <param name="run">What it does.</param>
    /// <returns>The command.</returns>
    public Command Leaf(string name, string description, IEnumerable<Symbol> symbols, Func<Invocation, Task> run)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(async (result, cancellationToken) =>
        {
            await using SwarmClient client = connect(result.GetValue(Socket)!);
            try
            {
                await run(new Invocation(this, result, client, cancellationToken));
            }
            catch (SwarmException) when (cancellationToken.IsCancellationRequested)
            {
                // A call that was under way reports its end as an error of the call.
                cancellationToken.ThrowIfCancellationRequested();
            }

            return 0;
        });
        return command;
    }

    /// <summary>Makes a command that only holds others; alone it prints its help.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">One line of help.</param>
    /// <param name="commands">The others.</param>
    /// <returns>The command.</returns>
    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (Command command in commands)
        {
            group.Subcommands.Add(command);
        }

        group.SetAction(static result => new HelpAction().Invoke(result));
        return group;
    }
}
