// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Runtime.Process;

/// <summary>
/// Runs tasks as processes of the operating system: generic tasks of kind <c>process</c> whose payload is a <see cref="ProcessSpec"/>.
/// Linux 5.3 or later on x86-64 or arm64. Thread-safe.
/// </summary>
/// <remarks>
/// Each task runs under a small supervisor in a session of its own, so the processes live on when the agent dies, also by SIGKILL; an
/// executor made anew over the same state directory takes them over, and learns the exit code also of those that ended meanwhile.
/// Disposing the executor lets go of the processes and leaves them running: end them with <see cref="ITaskController.ShutdownAsync"/>.
/// Whoever may create services runs programs on this node as the agent's user: that is what an operator switches on by adding this
/// executor.
/// </remarks>
public sealed class ProcessExecutor : IExecutor, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ProcessRun> _runs = new(StringComparer.Ordinal);
    private readonly RunServices _services;
    private readonly FileStream _stateLock;

    /// <summary>Makes an executor over a state directory, and takes that directory for itself. Touches no process.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="logger">Where to log; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">A setting is missing or out of its range.</exception>
    /// <exception cref="SwarmException">FailedPrecondition: the state directory cannot be written or is in use, or the system is not
    /// supported.</exception>
    public ProcessExecutor(ProcessExecutorOptions options, ILogger<ProcessExecutor>? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (!SystemCallNumbers.IsSupported)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                "the process executor needs Linux on x86-64 or arm64; use another executor on this machine");
        }

        ILogger log = logger ?? (ILogger)NullLogger.Instance;
        string tasks = Path.Combine(options.StateDirectory, "tasks");
        string? cgroups = TaskCgroup.FindBase(options);
        _stateLock = Claim(options.StateDirectory, tasks);
        _services = new RunServices(
            options, tasks, cgroups, new DependencyFiles(options), new ProcessWatcher(options.PollInterval, log),
            new ProcessScanner(), time ?? TimeProvider.System, log);
    }

    /// <inheritdoc/>
    public string RuntimeName => RuntimePlugins.Process;

    /// <summary>Packs a specification for <see cref="TaskSpec.Generic"/>.</summary>
    /// <param name="spec">What to run.</param>
    /// <returns>A new specification of kind <c>process</c>.</returns>
    public static GenericRuntimeSpec Pack(ProcessSpec spec) =>
        new() { Kind = RuntimePlugins.Process, Payload = Google.Protobuf.WellKnownTypes.Any.Pack(spec) };

    /// <inheritdoc/>
    public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default) => Task.FromResult(new NodeDescription
    {
        Hostname = Environment.MachineName,
        Platform = new Platform
        {
            Os = "linux",
            Architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64",
        },
        Resources = new Resources { NanoCpus = Environment.ProcessorCount * 1_000_000_000L, MemoryBytes = MemoryBytes() },
        Engine = new EngineDescription { Plugins = { RuntimePlugins.Describe(RuntimeName) } },
    });

    /// <inheritdoc/>
    public Task ConfigureAsync(Node node, CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public bool CanRun(Api.Task task) => RuntimePlugins.NameOf(task) == RuntimeName;

    /// <inheritdoc/>
    public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(dependencies);
        if (!CanRun(task))
        {
            throw new SwarmException(
                SwarmErrorCode.InvalidArgument, $"task {task.Id} needs runtime '{RuntimePlugins.NameOf(task)}', not '{RuntimeName}'");
        }

        // The id becomes a directory's name.
        if (task.Id.Length is 0 or > 128 || !task.Id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new SwarmException(
                SwarmErrorCode.InvalidArgument, $"task id '{task.Id}' must be letters, digits, '-' and '_', at most 128");
        }

        return new ProcessTaskController(task, dependencies, this);
    }

    /// <inheritdoc/>
    public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    public async Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        var known = new HashSet<string>(knownTaskIds, StringComparer.Ordinal);
        Exception? left = null;
        foreach (string id in Directory.GetDirectories(_services.TasksDirectory).Select(static path => Path.GetFileName(path)))
        {
            if (!known.Contains(id) && await TryEndAsync(id, cancellationToken) is { } error)
            {
                ProcessLog.UnknownNotEnded(_services.Logger, id, error.Message);
                left ??= error;
            }
        }

        _services.Dependencies.Sweep(known);

        // Processes whose directory is gone, such as by somebody's hand.
        string[] keep = [.. known.Select(id => new TaskDirectory(_services.TasksDirectory, id).Work)];
        ProcessScan scan = await _services.Scanner.ScanAsync();
        IEnumerable<string> strays = scan.ByTask
            .Select(static group => group.Key)
            .Where(marker => marker.StartsWith(_services.TasksDirectory + "/", StringComparison.Ordinal))
            .Except(keep);
        foreach (string marker in strays)
        {
            await new ProcessTree(marker, null, _services.Scanner).KillAsync(0, _services.Options.KillTimeout, _services.Time, cancellationToken);
        }

        if (left is not null)
        {
            throw new TaskControllerException($"something of old tasks is left: {left.Message}", left);
        }
    }

    /// <summary>
    /// Lets go of all tasks and of the state directory. The processes go on; an executor made over the same directory takes them over.
    /// </summary>
    /// <returns>A task that has ended.</returns>
    public async ValueTask DisposeAsync()
    {
        _services.Watcher.Dispose();
        ProcessRun[] runs;
        lock (_lock)
        {
            runs = [.. _runs.Values];
            _runs.Clear();
        }

        foreach (ProcessRun run in runs)
        {
            run.Dispose();
            await run.CleanedUp;
        }

        await _stateLock.DisposeAsync();
    }

    internal ProcessRun FindRun(string taskId)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(taskId, out ProcessRun? run))
            {
                _runs.Add(taskId, run = new ProcessRun(taskId, _services));
            }

            return run;
        }
    }

    internal void Forget(ProcessRun run)
    {
        lock (_lock)
        {
            _runs.Remove(run.TaskId);
        }
    }

    // One task that cannot be ended keeps nobody from ending the others.
    private async Task<Exception?> TryEndAsync(string id, CancellationToken cancellationToken)
    {
        ProcessRun run = FindRun(id);
        try
        {
            await run.RemoveAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TaskControllerException)
        {
            return e;
        }

        Forget(run);
        ProcessLog.UnknownRemoved(_services.Logger, id);
        return null;
    }

    private static FileStream Claim(string stateDirectory, string tasksDirectory)
    {
        string path = Path.Combine(stateDirectory, "lock");
        try
        {
            TaskDirectory.CreatePassThrough(stateDirectory);
            TaskDirectory.CreatePassThrough(tasksDirectory);

            // Tasks of other users pass by here: who may open the file could hold the lock.
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition, $"state directory {stateDirectory} cannot be written: {e.Message}", e);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"state directory {stateDirectory} is in use by another agent; stop it or give another one", e);
        }
        catch (IOException e)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"state directory {stateDirectory} cannot be made: {e.Message}", e);
        }
    }

    private static long MemoryBytes()
    {
        const int kibi = 1024;
        string? total = File.ReadLines("/proc/meminfo")
            .FirstOrDefault(static line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
        string[] words = total?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length >= 2 ? long.Parse(words[1], CultureInfo.InvariantCulture) * kibi : 0;
    }
}
