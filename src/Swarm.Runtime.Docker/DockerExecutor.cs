// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime.Docker.Containers;
using Swarm.Runtime.Docker.Engine;
using Swarm.Runtime.Docker.Images;
using NodeDescription = Swarm.Api.NodeDescription;
using TaskSpec = Swarm.Api.TaskSpec;

namespace Swarm.Runtime.Docker;

/// <summary>Runs tasks as containers of a Docker Engine, API 1.24 (Docker 1.12) or later. Thread-safe.</summary>
/// <remarks>
/// All state is the engine's: containers carry labels that name their task and node, so an executor made anew finds them again, and none
/// is made twice. Containers without this node's label are never touched. While the engine is gone no task fails for that: calls end with
/// <see cref="SwarmErrorCode.Unavailable"/> to be made again, and waits go on when it is back. Disposing the executor lets go of the
/// containers and leaves them running. Whoever may create services runs containers, also privileged ones, on this node.
/// </remarks>
public sealed class DockerExecutor : IExecutor, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _mine = new(StringComparer.Ordinal);
    private readonly DockerExecutorOptions _options;
    private readonly ILogger _logger;
    private readonly DockerServices _services;
    private readonly SemaphoreSlim _reconciling = new(1);
    private HashSet<string>? _toReconcile;
    private string? _nodeId;
    private bool _disposed;

    /// <summary>Makes an executor. It calls nobody yet.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logger">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentException">A setting, or DOCKER_HOST, is out of its range.</exception>
    public DockerExecutor(DockerExecutorOptions options, TimeProvider? time = null, ILogger<DockerExecutor>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _nodeId = options.NodeId;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        TimeProvider clock = time ?? TimeProvider.System;
        var access = new EngineAccess(options, clock);
        _services = new DockerServices(
            options, access, new EngineEvents(access, options, clock, _logger, ReconcileLeftAsync), new ImagePuller(access, options, clock, _logger),
            new TaskFiles(options.SecretsDirectory, access.Endpoint.Scheme == "unix"),
            clock, Forget);
    }

    /// <inheritdoc/>
    public string RuntimeName => RuntimePlugins.Docker;

    /// <inheritdoc/>
    public async Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default)
    {
        SystemInfoResponse info = await _services.Access.CallAsync<SystemInfoResponse>(
            (client, token) => client.System.GetSystemInfoAsync(token), cancellationToken);
        _services.Description = EngineDescriptions.Of(info);
        return _services.Description.Clone();
    }

    /// <inheritdoc/>
    public async Task ConfigureAsync(Node node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        _nodeId ??= node.Id;
        try
        {
            await ReconcileLeftAsync(cancellationToken);
        }
        catch (SwarmException e) when (e.Code == SwarmErrorCode.Unavailable)
        {
            // Made up for when the engine is back.
            _services.Events.Start();
        }
    }

    /// <inheritdoc/>
    public bool CanRun(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Spec?.RuntimeCase == TaskSpec.RuntimeOneofCase.Container;
    }

    /// <inheritdoc/>
    public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(dependencies);
        if (!CanRun(task))
        {
            throw new SwarmException(
                SwarmErrorCode.InvalidArgument, $"task {task.Id} needs runtime '{RuntimePlugins.NameOf(task)}'; this one runs containers");
        }

        // The id becomes part of names.
        if (task.Id.Length is 0 or > 128 || !task.Id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new SwarmException(
                SwarmErrorCode.InvalidArgument, $"task id '{task.Id}' must be letters, digits, '-' and '_', at most 128");
        }

        lock (_lock)
        {
            _mine.Add(task.Id);
        }

        return new DockerTaskController(task, dependencies, _services);
    }

    /// <inheritdoc/>
    public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>An executor that does not know its node yet, or whose engine is gone, makes up for it as soon as it can.</remarks>
    public async Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(knownTaskIds);
        lock (_lock)
        {
            _toReconcile = new HashSet<string>(knownTaskIds, StringComparer.Ordinal);
        }

        try
        {
            await ReconcileLeftAsync(cancellationToken);
        }
        catch (SwarmException e) when (e.Code == SwarmErrorCode.Unavailable)
        {
            DockerLog.EngineAwaited(_logger, e.Message);
            _services.Events.Start();
        }
    }

    /// <summary>Lets go of all containers and of the engine. The containers go on; an executor made anew takes them over.</summary>
    /// <returns>A task that ends when nothing of the executor runs.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _services.Events.DisposeAsync();
        _services.Puller.Dispose();
        _services.Access.Dispose();
    }

    private void Forget(string taskId)
    {
        lock (_lock)
        {
            _mine.Remove(taskId);
        }
    }

    private async Task ReconcileLeftAsync(CancellationToken cancellationToken)
    {
        await _reconciling.WaitAsync(cancellationToken);
        try
        {
            HashSet<string>? known;
            lock (_lock)
            {
                known = _toReconcile;
            }

            if (known is null || _nodeId is not { } nodeId)
            {
                return;
            }

            await RemoveUnknownAsync(nodeId, known, cancellationToken);
            SweepFiles(nodeId, known);
            lock (_lock)
            {
                _toReconcile = ReferenceEquals(_toReconcile, known) ? null : _toReconcile;
            }
        }
        finally
        {
            _reconciling.Release();
        }
    }

    private async Task RemoveUnknownAsync(string nodeId, HashSet<string> known, CancellationToken cancellationToken)
    {
        var wanted = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>>(StringComparer.Ordinal)
            {
                ["label"] = new Dictionary<string, bool>(StringComparer.Ordinal) { [$"{ContainerLabels.Owner}={nodeId}"] = true },
            },
        };
        IList<ContainerListResponse> found = await _services.Access.CallAsync<IList<ContainerListResponse>>(
            (client, token) => client.Containers.ListContainersAsync(wanted, token), cancellationToken);
        var ends = new List<Task>();
        foreach (ContainerListResponse container in found)
        {
            // The engine filters; what is removed is checked all the same.
            if (container.Labels.TryGetValue(ContainerLabels.Owner, out string? owner) && owner == nodeId
                && container.Labels.TryGetValue(ContainerLabels.TaskId, out string? taskId) && !IsWanted(taskId, known))
            {
                ends.Add(RemoveUnknownAsync(container.ID, nodeId, taskId, cancellationToken));
            }
        }

        await Task.WhenAll(ends);
    }

    private async Task RemoveUnknownAsync(string container, string nodeId, string taskId, CancellationToken cancellationToken)
    {
        // Side by side, as each may take its grace.
        await _services.Starts.WaitAsync(cancellationToken);
        try
        {
            await EndAsync(container, cancellationToken);
            _services.Files.Delete(nodeId, taskId);
            DockerLog.UnknownRemoved(_logger, taskId);
        }
        catch (Exception e) when (e is DockerApiException or TaskControllerException)
        {
            DockerLog.UnknownNotRemoved(_logger, taskId, e.Message);
        }
        finally
        {
            _services.Starts.Release();
        }
    }

    // Those of tasks whose containers are gone too: a node that died between the two, or before it made the container.
    private void SweepFiles(string nodeId, HashSet<string> known)
    {
        try
        {
            _services.Files.Sweep(nodeId, taskId => IsWanted(taskId, known));
        }
        catch (TaskControllerException e)
        {
            DockerLog.OldFilesNotRemoved(_logger, e.Message);
        }
    }

    private async Task EndAsync(string container, CancellationToken cancellationToken)
    {
        // The task is not known any more; its container says what it may take.
        ContainerInspectResponse? found = await _services.InspectAsync(container, cancellationToken);
        await _services.StopAsync(container, found?.Config?.StopTimeout ?? _options.StopGracePeriod, cancellationToken);
        await _services.RemoveAsync(container, cancellationToken);
    }

    private bool IsWanted(string taskId, HashSet<string> known)
    {
        lock (_lock)
        {
            return known.Contains(taskId) || _mine.Contains(taskId);
        }
    }
}
