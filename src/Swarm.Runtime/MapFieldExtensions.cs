// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.Collections;

namespace Swarm.Runtime;

internal static class MapFieldExtensions
{
    /// <summary>Adds an entry unless the key is there.</summary>
    public static void TryAdd(this MapField<string, string> map, string key, string value)
    {
        if (!map.ContainsKey(key))
        {
            map.Add(key, value);
        }
    }
}
