// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Testing;

/// <summary>Where one case runs: an executor, the tasks made with it, and limits for every call.</summary>
internal sealed class Workbench
{
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly List<Subject> _subjects = [];
    private bool _letGo;

    private Workbench(IExecutorConformanceTarget target, IExecutor executor, CancellationToken cancellation)
    {
        Target = target;
        Executor = executor;
        Cancellation = cancellation;
    }

    public IExecutorConformanceTarget Target { get; }

    public IExecutor Executor { get; private set; }

    public CancellationToken Cancellation { get; private set; }

    public TimeProvider Time => Target.Time;

    public static async Task<Workbench> OpenAsync(IExecutorConformanceTarget target, CancellationToken cancellation) =>
        new(target, await target.CreateExecutorAsync(cancellation), cancellation);

    public bool Has(ConformanceFeatures features) => (Target.Features & features) == features;

    public Subject NewTask(ConformanceWork? work = null, ITaskDependencies? dependencies = null)
    {
        string id = SystemIdSource.Instance.NewId();
        work ??= ConformanceWork.UntilStopped;
        var task = new Api.Task
        {
            Id = id,
            ServiceId = "conformance",
            Slot = (ulong)_subjects.Count + 1,
            NodeId = Target.NodeId,
            Annotations = new Annotations { Name = $"conformance.{_subjects.Count + 1}.{id}" },
            ServiceAnnotations = new Annotations { Name = "conformance" },
            Spec = Target.BuildSpec(id, work),
            Endpoint = work.Port is { } port ? Published((uint)port) : null,
            DesiredState = TaskState.Running,
        };
        var subject = new Subject(this, task, dependencies ?? NoTaskDependencies.Instance);
        _subjects.Add(subject);
        return subject;
    }

    // What a manager adds to a task whose service publishes a port on the task's own node, any that is free.
    private static Endpoint Published(uint port)
    {
        var published = new PortConfig { Name = "conformance", TargetPort = port, PublishMode = PortConfig.Types.PublishMode.Host };
        return new Endpoint { Spec = new EndpointSpec { Ports = { published } }, Ports = { published } };
    }

    public async Task<Subject> StartedAsync(ConformanceWork? work = null)
    {
        Subject subject = NewTask(work);
        await subject.PrepareAsync();
        await subject.StartAsync();
        return subject;
    }

    public async Task<Subject> StartedStubbornAsync(TimeSpan grace)
    {
        Subject subject = await StartedAsync(ConformanceWork.UntilStopped with { IgnoresStop = true, StopGrace = grace });
        await subject.ExpectRunningAsync();
        return subject;
    }

    /// <summary>The agent dies and comes back: all controllers are lost, and made anew on the next use.</summary>
    /// <param name="underWay">A call that the old agent was making; it is over before the new one begins.</param>
    public async Task CrashAsync(Task? underWay = null)
    {
        foreach (Subject subject in _subjects)
        {
            subject.Lose();
        }

        await InTimeAsync("letting the executor go", Target.LetGoAsync(Executor, Cancellation).AsTask());
        if (underWay is not null)
        {
            await EndAsync("the call of an agent that has died", underWay);
        }

        Executor = await Target.CreateExecutorAsync(Cancellation);
    }

    /// <summary>Awaits a call, but not forever. Its own end is in the task.</summary>
    public async Task EndAsync(string what, Task call)
    {
        try
        {
            await call.WaitAsync(Target.Patience, Time, Cancellation);
        }
        catch (TimeoutException) when (!call.IsCompleted)
        {
            throw new ConformanceException($"{what} has not ended after {Target.Patience.TotalSeconds:0.###} s");
        }
        catch (Exception) when (call.IsCompleted)
        {
            // How it ended is the caller's to judge: this supervises foreign code.
        }
    }

    public async Task<CallEnd> CallAsync(string what, Func<CancellationToken, Task> call, CancellationToken cancel = default)
    {
        Task pending = Begin(call, cancel);
        await EndAsync(what, pending);
        return CallEnd.Of(pending);
    }

    public async Task InTimeAsync(string what, Task call)
    {
        await EndAsync(what, call);
        Require(CallEnd.Of(call), CallEndKind.Succeeded, what);
    }

    /// <summary>Calls foreign code; what it throws at once is the call's end like any other.</summary>
    public static Task Begin(Func<CancellationToken, Task> call, CancellationToken cancel)
    {
        try
        {
            return call(cancel);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Task.FromException(e);
        }
    }

    public static void Require(CallEnd end, CallEndKind allowed, string what)
    {
        if ((end.Kind & allowed) == 0)
        {
            throw new ConformanceException($"{what} ended as {end}; expected {allowed}", end.Error);
        }
    }

    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ConformanceException(message);
        }
    }

    /// <summary>Waits for something that has no event to wait for.</summary>
    public async Task EventuallyAsync(string what, Func<Task<bool>> holds)
    {
        long begin = Time.GetTimestamp();
        while (!await holds())
        {
            Require(Time.GetElapsedTime(begin) < Target.Patience, $"{what}: not so after {Target.Patience.TotalSeconds:0.###} s");
            await Task.Delay(LookPause, Time, Cancellation);
        }
    }

    /// <summary>Gives an executor the time to do what it must not do.</summary>
    public Task MomentAsync() => Task.Delay(Moment, Time, Cancellation);

    /// <summary>Removes all tasks and lets the executor go; whatever fails is a broken rule, too.</summary>
    public async Task CloseAsync()
    {
        foreach (Subject subject in _subjects)
        {
            await subject.RemoveAnewAsync();
        }

        _letGo = true;
        await InTimeAsync("letting the executor go", Target.LetGoAsync(Executor, Cancellation).AsTask());
    }

    /// <summary>The same for a case that has failed already: goes on over errors.</summary>
    public async Task TryCloseAsync()
    {
        Cancellation = CancellationToken.None;
        foreach (Subject subject in _subjects)
        {
            try
            {
                await subject.RemoveAnewAsync();
            }
            catch (Exception e) when (e is ConformanceException or OperationCanceledException)
            {
                // The first failure is the one to tell of.
            }
        }

        if (!_letGo)
        {
            await EndAsync("letting the executor go", Target.LetGoAsync(Executor, Cancellation).AsTask());
        }
    }
}
