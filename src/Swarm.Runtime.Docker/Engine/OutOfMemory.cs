// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>
/// Whether a container was killed for want of memory. The engine writes that into the container's state only if it hears of the lack before
/// it hears of the end, and it hears of both by different ways; its event comes in either case, sometimes after the end.
/// </summary>
internal static class OutOfMemory
{
    private static readonly TimeSpan EventDelayMax = TimeSpan.FromSeconds(2);

    /// <summary>Looks for the event where the state leaves it open; waits for it at most 2 s by the engine's own clock.</summary>
    public static async Task<bool> EndedAsync(EngineSession session, ContainerInspectResponse container, CancellationToken stop)
    {
        State state = container.State ?? new State();
        if (state.OOMKilled || state.ExitCode != ContainerEnd.Killed || container.HostConfig is not { Memory: > 0 }
            || At(state.StartedAt) is not { } started || At(state.FinishedAt) is not { } finished)
        {
            return state.OOMKilled;
        }

        var wanted = new ContainerEventsParameters
        {
            Since = Seconds(started),
            Until = Seconds(finished + EventDelayMax),
            Filters = new Dictionary<string, IDictionary<string, bool>>(StringComparer.Ordinal)
            {
                ["container"] = new Dictionary<string, bool>(StringComparer.Ordinal) { [container.ID] = true },
                ["event"] = new Dictionary<string, bool>(StringComparer.Ordinal) { ["oom"] = true },
            },
        };
        try
        {
#pragma warning disable CS0618 // The other overload calls back for ever; here the first line is the answer.
            await using Stream stream = await session.Client.System.MonitorEventsAsync(wanted, stop);
#pragma warning restore CS0618
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(stop) is { Length: > 0 } line && EngineEvents.ContainerOf(line) == container.ID;
        }
        catch (Exception e) when (e is DockerApiException or JsonException || EngineAccess.IsGone(e))
        {
            // The end itself is known, and it is told without the reason.
            return false;
        }
    }

    private static DateTimeOffset? At(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset at) && at.Year > 1 ? at : null;

    private static string Seconds(DateTimeOffset at) => string.Create(
        CultureInfo.InvariantCulture, $"{at.ToUnixTimeSeconds()}.{at.Ticks % TimeSpan.TicksPerSecond * 100:D9}");
}
