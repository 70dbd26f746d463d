// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>The work of one task: outlives the controllers that drive it. Thread-safe.</summary>
internal sealed class InProcessRun : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource<bool>> _waiters = [];
    private readonly List<PortConfig> _ports = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly InProcessExecutorOptions _options;
    private readonly TimeProvider _time;
    private Mailbox? _mailbox;
    private bool _prepared;
    private bool _started;
    private bool _ended;
    private bool _healthy;
    private string? _unhealthy;
    private readonly List<TaskCompletionSource> _healthWaiters = [];
    private int _exitCode;
    private string? _exitMessage;

    public InProcessRun(InProcessExecutorOptions options, TimeProvider time, TimeSpan grace)
    {
        _options = options;
        _time = time;
        Grace = grace;
        Log = new BoundedTaskLog(options.LogLinesMax, options.LogLineBytesMax, time);
    }

    public event EventHandler? StatusChanged;

    public BoundedTaskLog Log { get; }

    /// <summary>How long the work may take once it was asked to stop.</summary>
    public TimeSpan Grace { get; }

    /// <summary>Whether the work has been prepared or started, by whichever controller.</summary>
    public bool Prepared
    {
        get
        {
            lock (_lock)
            {
                return _prepared || _started;
            }
        }
    }

    public bool Started
    {
        get
        {
            lock (_lock)
            {
                return _started;
            }
        }
    }

    /// <summary>Says that nothing keeps the work from being started.</summary>
    public void MarkPrepared()
    {
        lock (_lock)
        {
            _prepared = true;
        }
    }

    /// <summary>Starts the work in a mailbox of its own; false if it has been started before.</summary>
    public bool TryStart(Mailbox mailbox, Func<CancellationToken, Task> work)
    {
        lock (_lock)
        {
            if (_started)
            {
                return false;
            }

            _started = true;
            _mailbox = mailbox;
        }

        mailbox.Post(async void () =>
        {
            try
            {
                await work(_stop.Token);
                End(0, null);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                End(0, null);
            }
            catch (TaskExitException exit)
            {
                End(exit.ExitCode, exit.Message);
            }
            catch (Exception e)
            {
                // The loop that supervises foreign code: whatever it throws is the end of this task and of nothing else.
                Log.Append(LogStream.Stderr, System.Text.Encoding.UTF8.GetBytes(e.ToString()));
                End(1, $"task: {e.GetType().Name}: {e.Message}");
            }
        });
        return true;
    }

    /// <summary>Cancels the work, in its own mailbox: what it registered for the cancellation never runs beside it.</summary>
    public void RequestStop()
    {
        Mailbox? mailbox;
        lock (_lock)
        {
            mailbox = _mailbox;
        }

        if (mailbox is null)
        {
            _stop.Cancel();
            return;
        }

        mailbox.Post(() =>
        {
            try
            {
                _stop.Cancel();
            }
            catch (AggregateException e)
            {
                Log.Append(LogStream.Stderr, System.Text.Encoding.UTF8.GetBytes(e.ToString()));
            }
        });
    }

    /// <summary>Lets those go on who wait for the work to be well.</summary>
    public void ReportHealthy()
    {
        TaskCompletionSource[] waiters;
        lock (_lock)
        {
            _healthy = true;
            waiters = [.. _healthWaiters];
            _healthWaiters.Clear();
        }

        foreach (TaskCompletionSource waiter in waiters)
        {
            waiter.TrySetResult();
        }
    }

    /// <summary>Asks the work to stop, and makes whatever end it comes to a failure.</summary>
    public void ReportUnhealthy(string reason)
    {
        lock (_lock)
        {
            if (_ended || _unhealthy is not null)
            {
                return;
            }

            _unhealthy = reason;
        }

        RequestStop();
    }

    /// <summary>Waits until the work says that it is well, or has ended.</summary>
    public async Task WaitHealthyAsync(CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_healthy || _ended)
            {
                return;
            }

            _healthWaiters.Add(waiter);
        }

        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
        try
        {
            await waiter.Task;
        }
        finally
        {
            lock (_lock)
            {
                _healthWaiters.Remove(waiter);
            }
        }
    }

    public void Write(LogStream stream, ReadOnlyMemory<byte> text) => Log.Append(stream, text);

    public void ReportPort(PortConfig port)
    {
        lock (_lock)
        {
            _ports.RemoveAll(known => known.TargetPort == port.TargetPort && known.Protocol == port.Protocol);
            if (_ports.Count >= _options.PortsMax)
            {
                throw new SwarmException(SwarmErrorCode.ResourceExhausted, $"a task may report at most {_options.PortsMax} ports");
            }

            _ports.Add(port);
        }

        StatusChanged?.Invoke(this, EventArgs.Empty);
    }

    public PortStatus? PortStatus()
    {
        lock (_lock)
        {
            return _ports.Count == 0 ? null : new PortStatus { Ports = { _ports.Select(static port => port.Clone()) } };
        }
    }

    public ContainerStatus? ContainerStatus()
    {
        lock (_lock)
        {
            return _started ? new ContainerStatus { Pid = Environment.ProcessId, ExitCode = _exitCode } : null;
        }
    }

    /// <summary>Waits for the end of the work; false when the limit came first. Returns at once for work that never started.</summary>
    public async Task<bool> WaitEndAsync(TimeSpan? limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_ended || !_started)
            {
                return true;
            }

            _waiters.Add(waiter);
        }

        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), waiter);
        using ITimer? timer = limit is { } wait
            ? _time.CreateTimer(
                static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), waiter, wait, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            return await waiter.Task;
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>Throws what the work ended with unless that was success.</summary>
    public void ThrowIfFailed()
    {
        lock (_lock)
        {
            if (_exitCode != 0)
            {
                throw new TaskExitException(_exitCode, _exitMessage);
            }
        }
    }

    public void Dispose() => _stop.Dispose();

    private void End(int exitCode, string? message)
    {
        TaskCompletionSource<bool>[] waiters;
        lock (_lock)
        {
            _ended = true;
            _exitCode = _unhealthy is null ? exitCode : Math.Max(exitCode, 1);
            _exitMessage = _unhealthy is null ? message : $"task: unhealthy: {(_unhealthy.Length > 0 ? _unhealthy : "no reason given")}";
            waiters = [.. _waiters];
        }

        Log.Complete();
        ReportHealthy();
        foreach (TaskCompletionSource<bool> waiter in waiters)
        {
            waiter.TrySetResult(true);
        }
    }
}
