// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Client;

/// <summary>What all operations share: the stubs, errors as <see cref="SwarmException"/>, lists in parts, names to objects.</summary>
/// <param name="invoker">How calls leave.</param>
internal sealed class ApiCalls(CallInvoker invoker)
{
    // Updates that lose a race read again; more rounds than this mean that somebody writes in a loop.
    private const int UpdateTriesMax = 5;

    // 36^4 parts of a list; each part then holds a millionth of all objects.
    private const int PrefixLengthMax = 4;

    private const string IdDigits = "0123456789abcdefghijklmnopqrstuvwxyz";

    public Control.ControlClient Control { get; } = new(invoker);

    public Logs.LogsClient Logs { get; } = new(invoker);

    /// <summary>Waits for an answer.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="call">The call under way.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="SwarmException">The other side refused, or could not be reached.</exception>
    public static async Task<T> CallAsync<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            try
            {
                return await call;
            }
            catch (RpcException e)
            {
                throw RpcErrors.ToSwarmException(e);
            }
        }
    }

    /// <summary>Asks for a list; one too large for a message is asked for again in parts, by the first characters of ids.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    /// <param name="list">Asks for the objects whose ids begin with a prefix, or for all.</param>
    /// <param name="splittable">Whether the caller gave no id prefixes of its own.</param>
    /// <returns>The objects by id.</returns>
    public static async Task<IReadOnlyList<T>> ListAsync<T>(Func<string?, Task<IReadOnlyList<T>>> list, bool splittable)
    {
        try
        {
            return await list(null);
        }
        catch (SwarmException e) when (e.Code == SwarmErrorCode.ResourceExhausted && splittable)
        {
            var all = new List<T>();
            await AddPartsAsync(list, "", all);
            return all;
        }
    }

    /// <summary>Finds the one object that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    /// <param name="kind">Its name, for errors.</param>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="get">Gets by id.</param>
    /// <param name="byName">Lists by name.</param>
    /// <param name="byPrefix">Lists by the beginning of the id.</param>
    /// <returns>The object.</returns>
    /// <exception cref="SwarmException">There is none, or more than one.</exception>
    public static async Task<T> ResolveAsync<T>(
        string kind,
        string reference,
        Func<string, Task<T>> get,
        Func<string, Task<IReadOnlyList<T>>> byName,
        Func<string, Task<IReadOnlyList<T>>> byPrefix)
    {
        if (reference.Length == 0)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"{kind}: an ID or name must be given");
        }

        if (SwarmId.IsValid(reference))
        {
            try
            {
                return await get(reference);
            }
            catch (SwarmException e) when (e.Code == SwarmErrorCode.NotFound)
            {
                // It may still be a name that looks like an id.
            }
        }

        IReadOnlyList<T> found = await byName(reference);
        found = found.Count > 0 ? found : await byPrefix(reference);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new SwarmException(SwarmErrorCode.NotFound, $"{kind} {reference} not found"),
            _ => throw new SwarmException(
                SwarmErrorCode.InvalidArgument, $"{kind} {reference} is ambiguous ({found.Count} matches found)"),
        };
    }

    /// <summary>Reads, changes and writes, again where another writer was faster.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    /// <param name="attempt">Reads and writes once.</param>
    /// <returns>The object as written.</returns>
    public static async Task<T> ReadModifyWriteAsync<T>(Func<Task<T>> attempt)
    {
        for (int i = 1; ; i++)
        {
            try
            {
                return await attempt();
            }
            catch (SwarmException e) when (IsOutOfSequence(e) && i < UpdateTriesMax)
            {
                // Read again and try on what is there now.
            }
        }
    }

    // SwarmKit's managers say it in words only.
    private static bool IsOutOfSequence(SwarmException e) =>
        e.Code == SwarmErrorCode.OutOfSequence || e.Message.Contains("update out of sequence", StringComparison.Ordinal);

    private static async Task AddPartsAsync<T>(Func<string?, Task<IReadOnlyList<T>>> list, string prefix, List<T> all)
    {
        foreach (char digit in IdDigits)
        {
            string part = prefix + digit;
            try
            {
                all.AddRange(await list(part));
            }
            catch (SwarmException e) when (e.Code == SwarmErrorCode.ResourceExhausted && part.Length < PrefixLengthMax)
            {
                await AddPartsAsync(list, part, all);
            }
        }
    }
}
