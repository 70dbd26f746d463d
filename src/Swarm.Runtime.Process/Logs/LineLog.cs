// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// The output of a task, line by line with time and stream, in two files of bounded size: "lines", and "lines.1" with what came before.
/// Each line also says up to where of the raw output it reaches, so that after a crash nothing is taken over twice, nor lost; nor after a
/// disk was full: lines that could not be written count as not taken over. Thread-safe.
/// </summary>
/// <remarks>
/// A line in the file: time, one letter for the stream ("o", "e"), the offset, the text. A line "h" at the start of each file repeats
/// both offsets.
/// </remarks>
internal sealed class LineLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _current;
    private readonly string _older;
    private readonly long _fileBytesMax;
    private readonly List<TaskCompletionSource> _waiters = [];
    private readonly LineFileWriter _writer;
    private (long Stdout, long Stderr) _written;
    private long _generation;
    private bool _complete;

    public LineLog(string directory, long bytesMax)
    {
        _current = Path.Combine(directory, "lines");
        _older = Path.Combine(directory, "lines.1");
        _fileBytesMax = bytesMax / 2;
        Recover();
        _written = (StdoutOffset, StderrOffset);
        _writer = new LineFileWriter(_current);
    }

    /// <summary>Up to where standard output has been taken over.</summary>
    public long StdoutOffset { get; private set; }

    /// <summary>Up to where error output has been taken over.</summary>
    public long StderrOffset { get; private set; }

    /// <summary>Adds a line. Readers see it after <see cref="Flush"/>.</summary>
    /// <exception cref="IOException">The disk refuses; all that was added since the last flush counts as not taken over.</exception>
    public void Append(DateTimeOffset time, LogStream stream, long offset, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            SetOffset(stream, offset);
            _writer.Add(time, stream == LogStream.Stderr ? 'e' : 'o', offset, data);
            if (_writer.Length >= _fileBytesMax)
            {
                Rotate(time);
            }
            else if (_writer.IsFull)
            {
                Write();
            }
        }
    }

    /// <summary>Notes that the raw output of a stream has been cut and starts anew.</summary>
    public void ResetOffset(DateTimeOffset time, LogStream stream)
    {
        lock (_lock)
        {
            SetOffset(stream, 0);
            AddOffsets(time);
        }
    }

    /// <summary>Shows readers what was added.</summary>
    /// <exception cref="IOException">The disk refuses; all that was added since the last flush counts as not taken over.</exception>
    public void Flush()
    {
        lock (_lock)
        {
            Write();
        }

        Wake();
    }

    /// <summary>Says that nothing more comes: readers that follow end, and the file is closed.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _complete = true;
            try
            {
                Write();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Whoever added has flushed, and been told, before.
            }

            _writer.Dispose();
        }

        Wake();
    }

    public void Dispose() => Complete();

    /// <summary>Reads the log.</summary>
    public async IAsyncEnumerable<TaskLogLine> ReadAsync(
        LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (LineFileReader? older, LineFileReader? reader, long generation) = OpenBoth();
        try
        {
            foreach (TaskLogLine line in Select(options, (older?.ReadToEnd() ?? []).Concat(reader?.ReadToEnd() ?? [])))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return line;
            }

            while (options.Follow)
            {
                var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (bool complete, long latest) = Register(changed);
                foreach (TaskLogLine line in (reader?.ReadToEnd() ?? []).Where(line => LogSelection.Matches(options, line)))
                {
                    yield return line;
                }

                if (latest > generation || reader is null)
                {
                    reader?.Dispose();
                    (reader, generation) = OpenAfter(generation);
                    if (reader is not null)
                    {
                        continue;
                    }
                }

                if (complete)
                {
                    yield break;
                }

                await using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
                    static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), changed);
                await changed.Task;
            }
        }
        finally
        {
            older?.Dispose();
            reader?.Dispose();
        }
    }

    private static IEnumerable<TaskLogLine> Select(LogSubscriptionOptions options, IEnumerable<TaskLogLine> lines)
    {
        lines = lines.Where(line => LogSelection.Matches(options, line)).Skip(LogSelection.Skip(options));
        return LogSelection.Tail(options) is { } tail ? Last(lines, tail) : lines;
    }

    // Of none at all, the lines are passed by nevertheless: who follows goes on behind them.
    private static IEnumerable<TaskLogLine> Last(IEnumerable<TaskLogLine> lines, int count) =>
        count > 0 ? lines.TakeLast(count) : lines.Where(static _ => false);

    private void SetOffset(LogStream stream, long offset)
    {
        if (stream == LogStream.Stderr)
        {
            StderrOffset = offset;
        }
        else
        {
            StdoutOffset = offset;
        }
    }

    private void Write()
    {
        try
        {
            _writer.Flush();
            _written = (StdoutOffset, StderrOffset);
        }
        catch
        {
            (StdoutOffset, StderrOffset) = _written;
            throw;
        }
    }

    private void AddOffsets(DateTimeOffset time) =>
        _writer.Add(time, 'h', StdoutOffset, Encoding.ASCII.GetBytes(StderrOffset.ToString(CultureInfo.InvariantCulture)));

    private void Rotate(DateTimeOffset time)
    {
        Write();
        _writer.Dispose();
        File.Move(_current, _older, overwrite: true);
        _generation++;
        AddOffsets(time);
    }

    // Reads where the raw output was left, and cuts off a line that a crash has left half written.
    private void Recover()
    {
        foreach (string path in new[] { _older, _current }.Where(File.Exists))
        {
            using var reader = new LineFileReader(path);
            foreach (LineFileEntry entry in reader.ReadEntries())
            {
                switch (entry.Kind)
                {
                    case 'h':
                        StdoutOffset = entry.Offset;
                        StderrOffset = long.Parse(Encoding.ASCII.GetString(entry.Data.Span), CultureInfo.InvariantCulture);
                        break;
                    case 'e':
                        StderrOffset = entry.Offset;
                        break;
                    default:
                        StdoutOffset = entry.Offset;
                        break;
                }
            }

            if (path == _current && reader.Position < new FileInfo(path).Length)
            {
                using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
                RandomAccess.SetLength(file, reader.Position);
            }
        }
    }

    private (LineFileReader? Older, LineFileReader? Current, long Generation) OpenBoth()
    {
        lock (_lock)
        {
            Write();
            return (TryOpen(_older), TryOpen(_current), _generation);
        }
    }

    private (LineFileReader? Reader, long Generation) OpenAfter(long generation)
    {
        lock (_lock)
        {
            // A reader that fell behind by more than one file has missed what was in between.
            return generation + 1 < _generation ? (TryOpen(_older), _generation - 1) : (TryOpen(_current), _generation);
        }
    }

    private static LineFileReader? TryOpen(string path) => File.Exists(path) ? new LineFileReader(path) : null;

    private (bool Complete, long Generation) Register(TaskCompletionSource changed)
    {
        lock (_lock)
        {
            _waiters.RemoveAll(static waiter => waiter.Task.IsCompleted);
            _waiters.Add(changed);
            return (_complete, _generation);
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
}
