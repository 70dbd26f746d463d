// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>Both outputs of a running task, on their way into its log, and the ports it reports. Used by one thread at a time.</summary>
internal sealed class TaskOutput(TaskDirectory directory, LineLog log, PortFile ports, RunServices services) : IDisposable
{
    private readonly RawOutput _stdout = new(directory.RawStdout, LogStream.Stdout, log, services.Options, services.Time);
    private readonly RawOutput _stderr = new(directory.RawStderr, LogStream.Stderr, log, services.Options, services.Time);

    /// <summary>Takes over what is new.</summary>
    /// <returns>Whether the ports have changed.</returns>
    public bool Poll(bool last)
    {
        bool some = _stdout.TakeOver(last);
        if (_stderr.TakeOver(last) || some)
        {
            log.Flush();
        }

        return ports.Refresh();
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
    }
}
