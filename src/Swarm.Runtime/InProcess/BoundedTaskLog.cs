// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Swarm.Api;

namespace Swarm.Runtime;

/// <summary>The last lines of a task's output, in memory. Thread-safe; readers never hold up writers.</summary>
internal sealed class BoundedTaskLog(int linesMax, int lineBytesMax, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskLogLine> _lines = new();
    private readonly List<TaskCompletionSource> _waiters = [];
    private long _first;
    private bool _complete;

    public void Append(LogStream stream, ReadOnlyMemory<byte> text)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (ReadOnlyMemory<byte> line in Split(text))
            {
                if (_lines.Count == linesMax)
                {
                    _lines.Dequeue();
                    _first++;
                }

                _lines.Enqueue(new TaskLogLine(now, stream, line));
            }
        }

        Wake();
    }

    /// <summary>Says that nothing more comes: readers that follow end.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _complete = true;
        }

        Wake();
    }

    public async IAsyncEnumerable<TaskLogLine> ReadAsync(
        LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long next = 0;
        for (bool begun = false; ; begun = true)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            List<TaskLogLine> batch;
            bool complete;
            lock (_lock)
            {
                batch = [.. _lines.Skip((int)Math.Max(0, next - _first)).Where(line => LogSelection.Matches(options, line))];
                next = _first + _lines.Count;
                complete = _complete;
                if (options.Follow && !complete)
                {
                    _waiters.Add(changed);
                }
            }

            int skip = begun ? 0 : LogSelection.Skip(options);
            int from = begun || LogSelection.Tail(options) is not { } tail ? skip : Math.Max(skip, batch.Count - tail);
            foreach (TaskLogLine line in batch.Skip(from))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return line;
            }

            if (complete || !options.Follow)
            {
                yield break;
            }

            await using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), changed);
            await changed.Task;
        }
    }

    private void Wake()
    {
        TaskCompletionSource[] waiters;
        lock (_lock)
        {
            waiters = [.. _waiters];
            _waiters.Clear();
        }

        foreach (TaskCompletionSource waiter in waiters)
        {
            waiter.TrySetResult();
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        do
        {
            int end = text.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? text : text[..end];
            for (; line.Length > lineBytesMax; line = line[lineBytesMax..])
            {
                yield return line[..lineBytesMax];
            }

            yield return line;
            text = end < 0 ? ReadOnlyMemory<byte>.Empty : text[(end + 1)..];
        }
        while (!text.IsEmpty);
    }
}
