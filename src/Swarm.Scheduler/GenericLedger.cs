// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>
/// Which generic resources the tasks of one node hold. A kind that the node lists by name is claimed by name; any other by count.
/// </summary>
internal sealed class GenericLedger
{
    private readonly Dictionary<(string Kind, string Value), int> _names = [];
    private readonly Dictionary<string, Int128> _counts = new(StringComparer.Ordinal);

    /// <summary>Books what a task holds, or takes it off again.</summary>
    public void Book(IEnumerable<GenericResource> held, int sign)
    {
        foreach (GenericResource resource in held)
        {
            if (resource.NamedResourceSpec is { } name)
            {
                (string, string) key = (name.Kind, name.Value);
                int users = _names.GetValueOrDefault(key) + sign;
                if (users == 0)
                {
                    _names.Remove(key);
                }
                else
                {
                    _names[key] = users;
                }
            }
            else if (resource.DiscreteResourceSpec is { } count)
            {
                Int128 used = _counts.GetValueOrDefault(count.Kind) + (sign * (Int128)count.Value);
                if (used == 0)
                {
                    _counts.Remove(count.Kind);
                }
                else
                {
                    _counts[count.Kind] = used;
                }
            }
        }
    }

    /// <summary>How much of a kind is free; negative if more is held than the node has.</summary>
    public Int128 Free(Resources? capacity, string kind)
    {
        List<string> names = Names(capacity, kind);
        if (names.Count > 0)
        {
            return names.Count(n => !_names.ContainsKey((kind, n)));
        }

        Int128 free = -_counts.GetValueOrDefault(kind);
        foreach (GenericResource resource in Listed(capacity))
        {
            if (resource.DiscreteResourceSpec is { } count && count.Kind == kind)
            {
                free += count.Value;
            }
        }

        return free;
    }

    /// <summary>Names the free resources that a task gets, in the order in which the node lists them.</summary>
    public List<GenericResource> Choose(Resources? capacity, IReadOnlyList<(string Kind, Int128 Count)> demands)
    {
        var chosen = new List<GenericResource>();
        foreach ((string kind, Int128 count) in demands)
        {
            List<string> names = Names(capacity, kind);
            if (names.Count == 0)
            {
                // What was admitted fits 64 bits, for the node lists no more.
                long value = (long)Int128.Min(count, long.MaxValue);
                chosen.Add(new GenericResource { DiscreteResourceSpec = new DiscreteGenericResource { Kind = kind, Value = value } });
                continue;
            }

            foreach (string name in names.Where(n => !_names.ContainsKey((kind, n))).Take((int)Int128.Min(count, names.Count)))
            {
                chosen.Add(new GenericResource { NamedResourceSpec = new NamedGenericResource { Kind = kind, Value = name } });
            }
        }

        return chosen;
    }

    private static List<string> Names(Resources? capacity, string kind)
    {
        var names = new List<string>();
        foreach (GenericResource resource in Listed(capacity))
        {
            if (resource.NamedResourceSpec is { } named && named.Kind == kind && !names.Contains(named.Value))
            {
                names.Add(named.Value);
            }
        }

        return names;
    }

    private static IEnumerable<GenericResource> Listed(Resources? capacity) => capacity?.Generic ?? (IEnumerable<GenericResource>)[];
}
