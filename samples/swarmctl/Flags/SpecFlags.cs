// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.Collections;
using Swarm.Api;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>From values of flags to parts of specs that several kinds of object have.</summary>
internal static class SpecFlags
{
    /// <summary>Replaces labels.</summary>
    /// <param name="annotations">Where they are.</param>
    /// <param name="labels">The new ones, KEY=VALUE.</param>
    public static void SetLabels(Annotations annotations, IEnumerable<string> labels)
    {
        annotations.Labels.Clear();
        foreach (string label in labels)
        {
            (string key, string value) = Parse.Pair(label);
            Cli.Require(key.Length > 0, $"invalid label \"{label}\": give KEY=VALUE");
            annotations.Labels[key] = value;
        }
    }

    /// <summary>A log driver by its flags.</summary>
    /// <param name="name">Its name; null where the flag was not given.</param>
    /// <param name="options">Its options; null or empty where the flag was not given.</param>
    /// <param name="before">What is there already.</param>
    /// <returns>The driver; null for none.</returns>
    public static Driver? LogDriver(string? name, string[]? options, Driver? before)
    {
        if (name is null && options is not { Length: > 0 })
        {
            return before;
        }

        Cli.Require(name is { Length: > 0 } || before is not null, "--log-opt needs --log-driver");
        var driver = new Driver { Name = name ?? before!.Name };
        foreach (string option in options ?? [])
        {
            (string key, string value) = Parse.Pair(option);
            driver.Options[key] = value;
        }

        return driver;
    }

    /// <summary>Replaces the elements of a list.</summary>
    /// <typeparam name="T">The type of an element.</typeparam>
    /// <param name="list">The list.</param>
    /// <param name="values">The new elements.</param>
    public static void Replace<T>(RepeatedField<T> list, IEnumerable<T> values)
    {
        list.Clear();
        list.AddRange(values);
    }
}
