// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Store;

namespace Swarm.Orchestration.Work;

/// <summary>How a controller takes in what is stored when a reign begins.</summary>
internal static class Starts
{
    /// <summary>Takes in each object of a kind. One that cannot be taken in is left out, and the reign begins all the same.</summary>
    public static void ForEach<T>(this IControllerStart start, Action<T> take)
        where T : class, IStoreObject
    {
        ArgumentNullException.ThrowIfNull(start);
        foreach (T stored in start.Head.All<T>())
        {
            try
            {
                take(stored);
            }
            catch (Exception e) when (start.LeaveOut(stored, e))
            {
                // The operator was told; the others count.
            }
        }
    }
}
