// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Google.Protobuf;
using Swarm.Client;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Samples.Swarmctl;

/// <summary>One run of a command.</summary>
/// <param name="Cli">The surroundings.</param>
/// <param name="Result">What was typed.</param>
/// <param name="Client">The client of the cluster.</param>
/// <param name="Cancellation">Ends the run.</param>
internal sealed record Invocation(Cli Cli, ParseResult Result, SwarmClient Client, CancellationToken Cancellation)
{
    /// <summary>What people and scripts read.</summary>
    public TextWriter Output => Cli.Output;

    /// <summary>The time now.</summary>
    public DateTimeOffset Now => Cli.Time.GetUtcNow();

    /// <summary>The value of an argument.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="argument">The argument.</param>
    /// <returns>The value.</returns>
    public T Get<T>(Argument<T> argument) => Result.GetRequiredValue(argument);

    /// <summary>The value of an option.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="option">The option.</param>
    /// <returns>The value; its default where it was not typed.</returns>
    public T? Get<T>(Option<T> option) => Result.GetValue(option);

    /// <summary>Names of services and nodes, or ids where the user wants these.</summary>
    /// <returns>The names.</returns>
    public Task<Names> ReadNamesAsync() => Names.ReadAsync(Client, !Get(Cli.NoResolve), Cancellation);

    /// <summary>Prints objects in the form asked for: ids, JSON or a table.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    /// <param name="flags">The flags that choose the form.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="id">The id of one.</param>
    /// <param name="table">Makes the table.</param>
    public void PrintList<T>(ListFlags flags, IReadOnlyList<T> objects, Func<T, string> id, Func<TextTable> table)
        where T : IMessage
    {
        if (Get(flags.Quiet))
        {
            foreach (T o in objects)
            {
                Output.WriteLine(id(o));
            }
        }
        else if (flags.Format.IsJson(Result))
        {
            Json.Write(Output, objects.Cast<IMessage>());
        }
        else
        {
            table().WriteTo(Output);
        }
    }
}
