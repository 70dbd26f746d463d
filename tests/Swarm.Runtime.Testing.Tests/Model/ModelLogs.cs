// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Swarm.Api;

namespace Swarm.Runtime.Testing.Tests;

/// <summary>Reads the logs of the model world, with the executor's fault.</summary>
internal static class ModelLogs
{
    public static async IAsyncEnumerable<TaskLogLine> ReadAsync(
        ModelExecutor executor, ModelItem item, bool crashed, LogSubscriptionOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (options.Follow && item.Starts > 0 && !executor.Has(Fault.FollowEndsEarly))
        {
            foreach (TaskLogLine line in Lines(executor, item, crashed, options))
            {
                yield return line;
            }

            await WaitAsync(executor, item, cancellationToken);
            yield break;
        }

        if (options.Follow && !executor.Has(Fault.FollowEndsEarly))
        {
            await WaitAsync(executor, item, cancellationToken);
        }

        foreach (TaskLogLine line in Lines(executor, item, crashed, options))
        {
            yield return line;
        }
    }

    private static Task WaitAsync(ModelExecutor executor, ModelItem item, CancellationToken cancellationToken) =>
        (executor.Has(Fault.FollowNeverEnds) ? new TaskCompletionSource().Task : item.Ended.Task).WaitAsync(cancellationToken);

    private static List<TaskLogLine> Lines(ModelExecutor executor, ModelItem item, bool crashed, LogSubscriptionOptions options)
    {
        IEnumerable<TaskLogLine> lines = item.Lines;
        if (executor.Has(Fault.LosesTheLastLine))
        {
            lines = lines.SkipLast(1);
        }

        if (executor.Has(Fault.LosesBlankLines))
        {
            lines = lines.Where(static line => line.Data.Length > 0);
        }

        if (executor.Has(Fault.MixesUpStreams))
        {
            lines = lines.Select(static line => line with { Stream = LogStream.Stdout });
        }

        if (executor.Has(Fault.DoublesLogsAfterCrash) && crashed)
        {
            lines = lines.Concat(lines);
        }

        var asked = new LogSubscriptionOptions(options);
        asked.Since = executor.Has(Fault.IgnoresSince) ? null : asked.Since;
        if (executor.Has(Fault.IgnoresStreams))
        {
            asked.Streams.Clear();
        }

        lines = lines.Where(line => LogSelection.Matches(asked, line));
        return [.. LogSelection.Tail(options) is { } tail && !executor.Has(Fault.IgnoresTail) ? lines.TakeLast(tail) : lines];
    }
}
