// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.Collections;
using Swarm.Api;
using Swarm.Store;

namespace Swarm.Manager.ControlApi;

/// <summary>The filters that List calls of all kinds share. Values of one filter are alternatives; filters all have to hold.</summary>
internal static class ListFilter
{
    /// <summary>The objects whose ids begin with one of some prefixes, each once, in the order of ids.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    /// <param name="state">Where they are.</param>
    /// <param name="idPrefixes">The prefixes; none for all objects.</param>
    /// <returns>The objects.</returns>
    public static IEnumerable<T> ByIdPrefixes<T>(IStoreReader state, RepeatedField<string>? idPrefixes)
        where T : class, IStoreObject => idPrefixes switch
        {
            null or { Count: 0 } => state.All<T>(),
            { Count: 1 } => state.ByIdPrefix<T>(idPrefixes[0]),
            _ => InOrder(idPrefixes.SelectMany(state.ByIdPrefix<T>)),
        };

    /// <summary>Objects each once, in the order of their ids.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    /// <param name="objects">Objects in any order.</param>
    /// <returns>The objects.</returns>
    public static IEnumerable<T> InOrder<T>(IEnumerable<T> objects)
        where T : class, IStoreObject => objects.DistinctBy(static o => o.Id).OrderBy(static o => o.Id, StringComparer.Ordinal);

    /// <summary>Whether a value is one of those asked for.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="wanted">Those asked for; none for any.</param>
    /// <returns>True if it passes.</returns>
    public static bool Is<T>(T value, RepeatedField<T> wanted) => wanted.Count == 0 || wanted.Contains(value);

    /// <summary>Whether a text begins with one of those asked for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prefixes">Those asked for; none for any.</param>
    /// <returns>True if it passes.</returns>
    public static bool StartsWith(string text, RepeatedField<string> prefixes) =>
        prefixes.Count == 0 || prefixes.Any(p => text.StartsWith(p, StringComparison.Ordinal));

    /// <summary>Whether labels hold all that is asked for; an empty value asks for the key alone.</summary>
    /// <param name="labels">The labels; null for none.</param>
    /// <param name="wanted">What is asked for.</param>
    /// <returns>True if it passes.</returns>
    public static bool HasLabels(MapField<string, string>? labels, MapField<string, string> wanted) =>
        wanted.All(w => labels is not null && labels.TryGetValue(w.Key, out string? value) && (w.Value.Length == 0 || w.Value == value));

    /// <summary>Whether annotations pass the filters by name, by name prefix and by label.</summary>
    /// <param name="annotations">The annotations; null for none.</param>
    /// <param name="names">Names asked for.</param>
    /// <param name="prefixes">Name prefixes asked for.</param>
    /// <param name="labels">Labels asked for.</param>
    /// <returns>True if they pass.</returns>
    public static bool Annotations(
        Annotations? annotations, RepeatedField<string> names, RepeatedField<string> prefixes, MapField<string, string> labels)
    {
        string name = annotations?.Name ?? "";
        return Is(name, names) && StartsWith(name, prefixes) && HasLabels(annotations?.Labels, labels);
    }

    /// <summary>The name of what runs a task: "container", "attachment", or the kind of a generic runtime.</summary>
    /// <param name="spec">The task spec; null for none.</param>
    /// <returns>The name in small letters; empty for none.</returns>
    public static string RuntimeName(TaskSpec? spec) => spec?.RuntimeCase switch
    {
        TaskSpec.RuntimeOneofCase.Container => "container",
        TaskSpec.RuntimeOneofCase.Attachment => "attachment",
        TaskSpec.RuntimeOneofCase.Generic => spec.Generic.Kind.ToLowerInvariant(),
        _ => "",
    };
}
