// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>What the model world knows of one task; outlives executors.</summary>
internal sealed class ModelItem(ConformanceWork work)
{
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConformanceWork Work => work;

    public int Epoch { get; set; }

    public bool Prepared { get; set; }

    public bool Removed { get; set; }

    public int Starts { get; set; }

    public int Running { get; set; }

    public int ExitCode { get; set; }

    public List<TaskLogLine> Lines { get; } = [];

    public void Run(TimeProvider time)
    {
        Starts++;
        Running++;
        foreach ((LogStream stream, string line) in
            work.OutputLines.Select(l => (LogStream.Stdout, l)).Concat(work.ErrorLines.Select(l => (LogStream.Stderr, l))))
        {
            Lines.Add(new TaskLogLine(time.GetUtcNow(), stream, System.Text.Encoding.UTF8.GetBytes(line)));
        }

        if (work.ExitCode is { } code)
        {
            End(code);
        }
        else if (work.ExceedsItsMemory)
        {
            End(137);
        }
    }

    public void End(int code)
    {
        if (Running > 0)
        {
            Running = 0;
            ExitCode = code;
            Ended.TrySetResult();
        }
    }
}
