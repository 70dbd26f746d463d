// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Swarm.Store.Writer;

/// <summary>FNV-1a, 64 bits (Fowler, Noll, Vo): the same in every process, unlike hash codes.</summary>
internal static class StableHash
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }

    public static ulong Of(string text) => Of(Encoding.UTF8.GetBytes(text));
}
