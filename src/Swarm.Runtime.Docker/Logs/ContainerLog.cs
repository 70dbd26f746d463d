// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Api;
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker.Logs;

/// <summary>Reads the output of a container from the engine, which keeps it.</summary>
internal static class ContainerLog
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>One reading: from <paramref name="after"/> (exclusive) until the engine ends the stream.</summary>
    public static async IAsyncEnumerable<TaskLogLine> ReadAsync(
        EngineAccess access, string containerId, LogSubscriptionOptions options, DateTimeOffset? after, int lineBytesMax,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EngineSession session = await access.ConnectAsync(cancellationToken);
        bool all = options.Streams.Count == 0;
        DateTimeOffset? since = after ?? options.Since?.ToDateTimeOffset();
        var wanted = new ContainerLogsParameters
        {
            ShowStdout = all || options.Streams.Contains(LogStream.Stdout),
            ShowStderr = all || options.Streams.Contains(LogStream.Stderr),
            Timestamps = true,
            Follow = options.Follow,
            Since = since is { } from ? UnixSeconds(from) : null,
            Tail = after is null && LogSelection.Tail(options) is { } last ? last.ToString(CultureInfo.InvariantCulture) : "all",
        };
        using MultiplexedStream stream = await session.Client.Containers.GetContainerLogsAsync(containerId, wanted, cancellationToken);
        var output = new LineSplitter(LogStream.Stdout, lineBytesMax);
        var errors = new LineSplitter(LogStream.Stderr, lineBytesMax);
        byte[] buffer = new byte[BufferBytes];
        while (true)
        {
            MultiplexedStream.ReadResult read = await stream.ReadOutputAsync(buffer, 0, buffer.Length, cancellationToken);
            if (read.EOF)
            {
                break;
            }

            LineSplitter splitter = read.Target == MultiplexedStream.TargetStream.StandardError ? errors : output;
            foreach (TaskLogLine line in splitter.Take(buffer.AsMemory(0, read.Count)))
            {
                yield return line;
            }
        }

        foreach (TaskLogLine line in output.End().Concat(errors.End()))
        {
            yield return line;
        }
    }

    private static string UnixSeconds(DateTimeOffset time)
    {
        const int nanosPerTick = 100;
        long nanos = time.UtcTicks % TimeSpan.TicksPerSecond * nanosPerTick;
        return string.Create(CultureInfo.InvariantCulture, $"{time.ToUnixTimeSeconds()}.{nanos:D9}");
    }
}
