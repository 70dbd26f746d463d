// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// Both outputs of a running task, on their way into its log, and the ports it reports. A disk that refuses costs the task nothing: what was
/// not taken over is tried again, and the trouble is logged once. Used by one thread at a time.
/// </summary>
internal sealed class TaskOutput : IDisposable
{
    private readonly string _taskId;
    private readonly LineLog _log;
    private readonly PortFile _ports;
    private readonly ILogger _logger;
    private readonly RawOutput _stdout;
    private readonly RawOutput _stderr;
    private string? _trouble;

    public TaskOutput(string taskId, TaskDirectory directory, LineLog log, PortFile ports, RunServices services)
    {
        (_taskId, _log, _ports, _logger) = (taskId, log, ports, services.Logger);
        _stdout = new RawOutput(directory.RawStdout, LogStream.Stdout, log, services.Options, services.Time);
        try
        {
            _stderr = new RawOutput(directory.RawStderr, LogStream.Stderr, log, services.Options, services.Time);
        }
        catch
        {
            _stdout.Dispose();
            throw;
        }
    }

    /// <summary>Takes over what is new.</summary>
    /// <returns>Whether the ports have changed.</returns>
    public bool Poll(bool last)
    {
        string? trouble = Try(() => TakeOver(last));
        bool changed = false;
        trouble ??= Try(() => changed = _ports.Refresh());
        if (trouble is not null && (trouble != _trouble || last))
        {
            ProcessLog.OutputNotTaken(_logger, _taskId, last ? "" : " now", trouble);
        }

        _trouble = trouble;
        return changed;
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
    }

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void TakeOver(bool last)
    {
        bool some = _stdout.TakeOver(last);
        if (_stderr.TakeOver(last) || some)
        {
            _log.Flush();
        }
    }
}
