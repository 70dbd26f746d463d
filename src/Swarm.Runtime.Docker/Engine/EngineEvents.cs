// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using Swarm.Core;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>
/// Follows the engine's stream of events and marks the watches of the containers they are about; after each (re)connection it marks all,
/// because what happened in between is not in the stream. Thread-safe.
/// </summary>
internal sealed class EngineEvents(
    EngineAccess access, DockerExecutorOptions options, TimeProvider time, ILogger logger, Func<CancellationToken, Task> connected)
    : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, List<ContainerWatch>> _watches = new(StringComparer.Ordinal);
    private Task? _loop;

    public ContainerWatch Watch(string containerId)
    {
        var watch = new ContainerWatch(containerId, End);
        lock (_lock)
        {
            if (!_watches.TryGetValue(containerId, out List<ContainerWatch>? list))
            {
                _watches.Add(containerId, list = []);
            }

            list.Add(watch);
        }

        Start();
        return watch;
    }

    public void Start()
    {
        lock (_lock)
        {
            _loop ??= FollowAsync(_stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_lock)
        {
            loop = _loop ??= Task.CompletedTask;
        }

        await _stop.CancelAsync();
        await loop;
        _stop.Dispose();
    }

    internal static string? ContainerOf(string line)
    {
        using JsonDocument message = JsonDocument.Parse(line);
        return message.RootElement.ValueKind == JsonValueKind.Object && message.RootElement.TryGetProperty("Actor", out JsonElement actor)
            && actor.ValueKind == JsonValueKind.Object && actor.TryGetProperty("ID", out JsonElement id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        await Task.Yield();
        bool lost = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await FollowOnceAsync(lost, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (
                e is SwarmException or DockerApiException or OperationCanceledException or TaskControllerException || EngineAccess.IsGone(e))
            {
                if (!lost)
                {
                    DockerLog.EventsStopped(logger, access.Endpoint, e.Message);
                }
            }

            lost = true;
            access.Invalidate();
            try
            {
                await Task.Delay(options.ReconnectDelay, time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task FollowOnceAsync(bool lost, CancellationToken stop)
    {
        EngineSession session = await access.ConnectAsync(stop);
        var wanted = new ContainerEventsParameters
        {
            Filters = new Dictionary<string, IDictionary<string, bool>>(StringComparer.Ordinal)
            {
                ["type"] = new Dictionary<string, bool>(StringComparer.Ordinal) { ["container"] = true },
                ["label"] = new Dictionary<string, bool>(StringComparer.Ordinal) { [ContainerLabels.Owner] = true },
            },
        };
#pragma warning disable CS0618 // The other overload does not say when the stream is open, and what happens before that would be missed.
        await using Stream stream = await session.Client.System.MonitorEventsAsync(wanted, stop);
#pragma warning restore CS0618
        if (lost)
        {
            DockerLog.EngineBack(logger, access.Endpoint);
        }

        MarkAll();

        // What is left to do ends containers in their own time; the events that come meanwhile are read, or the engine would drop some.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task reading = ReadAsync(stream, both);
        try
        {
            await connected(both.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The stream ended first; that says why.
        }
        catch
        {
            await both.CancelAsync();
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        await reading;
    }

    private async Task ReadAsync(Stream stream, CancellationTokenSource both)
    {
        await Task.Yield();
        try
        {
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(both.Token) is { } line)
            {
                if (line.Length > 0 && ContainerOf(line) is { } id)
                {
                    Mark(id);
                }
            }

            throw access.Gone("its stream of events ended");
        }
        finally
        {
            await both.CancelAsync();
        }
    }

    private void Mark(string id)
    {
        lock (_lock)
        {
            _watches.GetValueOrDefault(id)?.ForEach(static watch => watch.Mark());
        }
    }

    private void MarkAll()
    {
        lock (_lock)
        {
            foreach (List<ContainerWatch> list in _watches.Values)
            {
                list.ForEach(static watch => watch.Mark());
            }
        }
    }

    private void End(ContainerWatch watch)
    {
        lock (_lock)
        {
            if (_watches.TryGetValue(watch.ContainerId, out List<ContainerWatch>? list) && list.Remove(watch) && list.Count == 0)
            {
                _watches.Remove(watch.ContainerId);
            }
        }
    }
}
