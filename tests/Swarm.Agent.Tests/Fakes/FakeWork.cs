// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>The work of one task in a fake executor's world; outlives agents as a process outlives its starter.</summary>
internal sealed class FakeWork
{
    internal int Starts { get; set; }

    internal bool IsPrepared { get; set; }

    internal bool IsRunning { get; set; }

    internal bool IsRemoved { get; set; }

    internal int? ExitCode { get; set; }

    internal int Updates { get; set; }

    internal string? SecretSeen { get; set; }

    internal PortStatus? Ports { get; set; }

    internal List<TaskLogLine> Lines { get; } = [];

    internal event EventHandler? Changed;

    internal void End(int exitCode)
    {
        IsRunning = false;
        ExitCode = exitCode;
        Changed?.Invoke(this, EventArgs.Empty);
    }

    internal void Write(TaskLogLine line)
    {
        Lines.Add(line);
        Changed?.Invoke(this, EventArgs.Empty);
    }

    internal void ListenOn(uint port)
    {
        Ports = new PortStatus { Ports = { new PortConfig { PublishedPort = port, TargetPort = port } } };
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
