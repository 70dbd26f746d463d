// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>
/// Runs tasks as delegates inside the host program: generic tasks of kind <c>inproc</c> whose payload is an <see cref="InProcessSpec"/>.
/// Each task runs in a mailbox of its own, so that it also runs in a simulation. Thread-safe.
/// </summary>
/// <remarks>
/// Work ends well by returning, or by letting the cancellation through once it was asked to stop; <see cref="TaskExitException"/> gives
/// an exit code, any other exception is exit code 1 with its text in the log. Code inside a process cannot be killed: work that ignores
/// its cancellation beyond the grace period makes the task FAILED with a reason that says so. An agent that is made anew over the same
/// executor finds its work still running.
/// </remarks>
public sealed class InProcessExecutor : IExecutor
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, InProcessWork> _work = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, InProcessRun> _runs = new(StringComparer.Ordinal);
    private readonly IMailboxFactory _mailboxes;
    private readonly InProcessExecutorOptions _options;

    /// <summary>Makes an executor without any work registered.</summary>
    /// <param name="mailboxes">Where tasks run.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public InProcessExecutor(IMailboxFactory mailboxes, InProcessExecutorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mailboxes);
        _mailboxes = mailboxes;
        _options = options ?? new InProcessExecutorOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public string RuntimeName => RuntimePlugins.InProcess;

    /// <summary>Packs a specification for <see cref="TaskSpec.Generic"/>.</summary>
    /// <param name="spec">What to run.</param>
    /// <returns>A new specification of kind <c>inproc</c>.</returns>
    public static GenericRuntimeSpec Pack(InProcessSpec spec) =>
        new() { Kind = RuntimePlugins.InProcess, Payload = Google.Protobuf.WellKnownTypes.Any.Pack(spec) };

    /// <summary>
    /// Registers work under a name that specifications give. Register before the node joins; a task of an unknown name is REJECTED.
    /// </summary>
    /// <param name="name">The name, not empty.</param>
    /// <param name="work">Runs until the work is done or the token asks it to stop.</param>
    /// <returns>This executor.</returns>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public InProcessExecutor Register(string name, Func<InProcessTaskContext, CancellationToken, Task> work) =>
        Register(name, work, runningWhenHealthy: false);

    /// <summary>
    /// Registers work that says itself when it is well: until its first <see cref="InProcessTaskContext.ReportHealth"/> its task is STARTING.
    /// </summary>
    /// <param name="name">The name, not empty.</param>
    /// <param name="work">Runs until the work is done or the token asks it to stop.</param>
    /// <param name="runningWhenHealthy">Whether the task waits for the report.</param>
    /// <returns>This executor.</returns>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public InProcessExecutor Register(string name, Func<InProcessTaskContext, CancellationToken, Task> work, bool runningWhenHealthy)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(work);
        lock (_lock)
        {
            if (!_work.TryAdd(name, new InProcessWork(work, runningWhenHealthy)))
            {
                throw new ArgumentException($"Work named '{name}' is registered already.", nameof(name));
            }
        }

        return this;
    }

    /// <inheritdoc/>
    public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default) => Task.FromResult(new NodeDescription
    {
        Resources = new Resources { NanoCpus = _options.NanoCpus, MemoryBytes = _options.MemoryBytes },
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

        InProcessRun run;
        lock (_lock)
        {
            if (!_runs.TryGetValue(task.Id, out run!))
            {
                TimeSpan grace = InProcessPayload.TryRead(task)?.StopGracePeriod.OrDefault(_options.StopGracePeriod) ?? _options.StopGracePeriod;
                _runs.Add(task.Id, run = new InProcessRun(_options, _mailboxes.Time, grace));
            }
        }

        return new InProcessTaskController(this, task, dependencies, run);
    }

    /// <inheritdoc/>
    public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    public async Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        var known = new HashSet<string>(knownTaskIds, StringComparer.Ordinal);
        KeyValuePair<string, InProcessRun>[] unknown;
        lock (_lock)
        {
            unknown = [.. _runs.Where(entry => !known.Contains(entry.Key))];
        }

        foreach ((string id, InProcessRun run) in unknown)
        {
            run.RequestStop();
            await run.WaitEndAsync(run.Grace, cancellationToken);
            Forget(id, run);
        }
    }

    /// <summary>Runs work in a scope of the host program's services.</summary>
    internal async Task RunAsync(InProcessWork work, InProcessTaskContext context, CancellationToken stop)
    {
        // Set in this method, it reaches what the work awaits and starts, and nothing beside it.
        InProcessTaskLoggerProvider.Current = context;
        using IDisposable configuration = context.UseConfiguration(() => InProcessConfiguration.Create(_options, context.WorkName, context.Settings));
        using Activity? activity = InProcessMetrics.Activities.StartActivity("swarm.task.run");
        activity?.SetTag("swarm.task.id", context.Task.Id).SetTag("swarm.task.name", context.TaskName);
        InProcessMetrics.Running.Add(1);
        string outcome = "failed";
        try
        {
            if (_options.Services?.GetService<IServiceScopeFactory>() is { } scopes)
            {
                await using AsyncServiceScope scope = scopes.CreateAsyncScope();
                context.Services = scope.ServiceProvider;
                await work.Run(context, stop);
            }
            else
            {
                await work.Run(context, stop);
            }

            outcome = "completed";
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            outcome = "stopped";
            throw;
        }
        finally
        {
            InProcessMetrics.Running.Add(-1);
            InProcessMetrics.Ended.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    internal InProcessWork? Find(string name)
    {
        lock (_lock)
        {
            return _work.GetValueOrDefault(name);
        }
    }

    internal Mailbox CreateMailbox(string taskId) => _mailboxes.Create($"task {taskId}");

    internal TimeProvider Time => _mailboxes.Time;

    internal void Forget(string taskId, InProcessRun run)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(taskId, out InProcessRun? known) && ReferenceEquals(known, run))
            {
                _runs.Remove(taskId);
            }
        }

        run.Log.Complete();
    }
}
