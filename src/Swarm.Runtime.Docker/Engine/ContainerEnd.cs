// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Docker.DotNet.Models;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>What the state of a container means for its task.</summary>
internal static class ContainerEnd
{
    // What a shell makes of SIGKILL: 128 and the signal's number.
    internal const int Killed = 137;
    private const int ProbeTextMax = 200;

    public static bool BelongsTo(ContainerInspectResponse container, Api.Task task) =>
        container.Config?.Labels is { } labels
        && labels.TryGetValue(ContainerLabels.Owner, out string? owner) && owner == task.NodeId
        && labels.TryGetValue(ContainerLabels.TaskId, out string? id) && id == task.Id;

    /// <summary>Whether its program was started once; it may have ended since.</summary>
    public static bool WasStarted(ContainerInspectResponse container) =>
        container.State is { Running: true }
        || (DateTimeOffset.TryParse(container.State?.StartedAt, CultureInfo.InvariantCulture, out DateTimeOffset at) && at.Year > 1);

    public static bool HasEnded(ContainerInspectResponse container) =>
        WasStarted(container) && container.State is not ({ Running: true } or { Restarting: true });

    public static bool IsStartingHealth(ContainerInspectResponse container) => container.State?.Health?.Status == "starting";

    public static bool IsUnhealthy(ContainerInspectResponse container) => container.State?.Health?.Status == "unhealthy";

    public static string UnhealthyText(ContainerInspectResponse container)
    {
        HealthcheckResult? last = container.State?.Health?.Log?.LastOrDefault();
        string output = (last?.Output ?? "").Trim().ReplaceLineEndings(" ");
        output = output.Length > ProbeTextMax ? output[..ProbeTextMax] + "…" : output;
        return last is null ? "unhealthy container" : string.Create(
            CultureInfo.InvariantCulture, $"unhealthy container: its check ended with exit code {last.ExitCode}{(output.Length > 0 ? ": " : "")}{output}");
    }

    public static void ThrowIfGone(ContainerInspectResponse? container, string name)
    {
        if (container is null)
        {
            throw new TaskExitException(TaskExitException.UnknownExitCode, $"container {name} was removed by somebody else");
        }
    }

    public static void ThrowIfFailed(ContainerInspectResponse? container, string name, bool outOfMemory = false)
    {
        ThrowIfGone(container, name);
        State state = container!.State ?? new State();
        int code = (int)state.ExitCode;
        if (code == 0 && string.IsNullOrEmpty(state.Error))
        {
            return;
        }

        string reason = state.OOMKilled || outOfMemory ? ": out of memory: it wanted more than its limit"
            : !string.IsNullOrEmpty(state.Error) ? $": {state.Error.Trim()}"
            : code == Killed && container.HostConfig is { Memory: > 0 } host ? string.Create(
                CultureInfo.InvariantCulture, $": killed, and the engine does not say by whom; its memory was limited to {host.Memory} bytes")
            : "";
        throw new TaskExitException(code, string.Create(CultureInfo.InvariantCulture, $"task: non-zero exit ({code}){reason}"));
    }
}
