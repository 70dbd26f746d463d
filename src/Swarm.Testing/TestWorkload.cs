// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Testing;

/// <summary>
/// The tasks that really run in a test cluster, over all its nodes: what the world looks like, against which the managers' belief is checked. Thread-safe.
/// </summary>
public sealed class TestWorkload
{
    /// <summary>The name under which each node's in-process executor knows the workload.</summary>
    public const string Name = "workload";

    /// <summary>The name of the secret that tasks look for, if they refer to any.</summary>
    public const string SecretName = "workload-secret";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, RunningTask> _running = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _ever = new(StringComparer.Ordinal);
    private long _version;
    private long _doubles;
    private long _secrets;
    private long _missing;

    /// <summary>What runs now, ordered by task id.</summary>
    public IReadOnlyList<RunningTask> Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Values];
            }
        }
    }

    /// <summary>Tasks started so far.</summary>
    public int Started
    {
        get
        {
            lock (_gate)
            {
                return _ever.Count;
            }
        }
    }

    /// <summary>How often one task was started while it ran or after it had run. Must stay 0: a task is started once.</summary>
    public long StartedTwice => Interlocked.Read(ref _doubles);

    /// <summary>How often a task that refers to the secret <see cref="SecretName"/> found it when it started.</summary>
    public long SecretsRead => Interlocked.Read(ref _secrets);

    /// <summary>
    /// How often a task that refers to a secret did not find <see cref="SecretName"/> when it started. Must stay 0: secrets come before
    /// the tasks that need them.
    /// </summary>
    public long SecretsMissing => Interlocked.Read(ref _missing);

    /// <summary>A service whose tasks are this workload.</summary>
    /// <param name="name">The name of the service.</param>
    /// <param name="replicas">How many copies; null for a global service.</param>
    /// <param name="configure">Changes the specification further.</param>
    /// <returns>The specification.</returns>
    public static ServiceSpec Service(string name, ulong? replicas, Action<ServiceSpec>? configure = null)
    {
        var spec = new ServiceSpec
        {
            Annotations = new Annotations { Name = name },
            Task = new TaskSpec { Generic = InProcessExecutor.Pack(new Api.Ext.InProcessSpec { Name = Name }) },
        };
        if (replicas is { } count)
        {
            spec.Replicated = new ReplicatedService { Replicas = count };
        }
        else
        {
            spec.Global = new GlobalService();
        }

        configure?.Invoke(spec);
        return spec;
    }

    /// <summary>Registers the workload with the executor of a node.</summary>
    /// <param name="executor">The executor.</param>
    /// <param name="node">The node's name.</param>
    public void RegisterOn(InProcessExecutor executor, string node)
    {
        ArgumentNullException.ThrowIfNull(executor);
        executor.Register(Name, (context, stop) => RunAsync(node, context, stop));
    }

    /// <summary>Makes a running task end by itself, with an error.</summary>
    /// <param name="taskId">Its id.</param>
    /// <returns>False if it does not run.</returns>
    public bool Fail(string taskId)
    {
        RunningTask? task;
        lock (_gate)
        {
            task = _running.GetValueOrDefault(taskId);
        }

        return task?.Failure.TrySetException(new InvalidOperationException("made to fail")) ?? false;
    }

    /// <summary>Takes away what ran on a node that crashed.</summary>
    /// <param name="node">The node's name.</param>
    public void Crash(string node)
    {
        lock (_gate)
        {
            _version++;
            foreach (string id in _running.Values.Where(t => t.Node == node).Select(t => t.TaskId).ToArray())
            {
                _running.Remove(id);
            }
        }
    }

    // Raised after something started or ended, on its thread.
    internal event Action? Changed;

    internal void Touch() => Changed?.Invoke();

    // Grows whenever something starts or ends.
    internal long Version => Interlocked.Read(ref _version);

    private static bool HasSecret(InProcessTaskContext context)
    {
        try
        {
            return context.GetSecret(SecretName) is { Length: > 0 };
        }
        catch (TaskControllerException)
        {
            return false;
        }
    }

    private async Task RunAsync(string node, InProcessTaskContext context, CancellationToken stop)
    {
        var running = new RunningTask(node, context.Task.ServiceId, context.Task.Slot, context.Task.Id);
        lock (_gate)
        {
            if (!_ever.Add(running.TaskId))
            {
                Interlocked.Increment(ref _doubles);
            }

            _running[running.TaskId] = running;
            _version++;
        }

        Changed?.Invoke();

        if (context.Task.Spec.ResourceReferences.Any(r => r.ResourceType == ResourceType.Secret))
        {
            Interlocked.Increment(ref HasSecret(context) ? ref _secrets : ref _missing);
        }

        context.WriteLine($"started on {node}");
        try
        {
            await using CancellationTokenRegistration registration = stop.Register(() => running.Failure.TrySetCanceled(stop));
            await running.Failure.Task;
        }
        finally
        {
            lock (_gate)
            {
                if (_running.GetValueOrDefault(running.TaskId) == running)
                {
                    _running.Remove(running.TaskId);
                    _version++;
                }
            }

            Changed?.Invoke();
        }
    }
}
