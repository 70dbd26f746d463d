// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// One output of a task as the task writes it: a file, so that the task can write while no agent runs. What has been taken over into the
/// log is given back to the file system by making a hole at the start of the file, which no writer can notice; where the file system has
/// no holes, the file is cut once everything in it has been taken over, or it has become too large, and what is written in that very
/// moment is lost. Holds no buffer while the task writes nothing.
/// </summary>
internal sealed class RawOutput(string path, LogStream stream, LineLog log, ProcessExecutorOptions options, TimeProvider time) : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    // A task that floods must not hold up the others, who wait for their turn meanwhile.
    private const long BytesPerVisit = 4 * 1024 * 1024;
    private const int LinesPerVisit = 20_000;
    private const long HoleBytes = 1024 * 1024;
    private const long BlockBytes = 4096;

    private readonly SafeFileHandle _file = LibC.Open(path, LibC.OpenReadWrite);
    private long _freed;
    private (long Length, long Offset) _exhausted = (-1, -1);

    private long Offset => stream == LogStream.Stderr ? log.StderrOffset : log.StdoutOffset;

    /// <summary>Takes over what was written since; with <paramref name="last"/>, all of it and also a line without an end.</summary>
    /// <returns>Whether anything was taken over.</returns>
    /// <exception cref="IOException">The disk refuses; the next visit begins where the last one that went well has ended.</exception>
    public bool TakeOver(bool last)
    {
        long length = RandomAccess.GetLength(_file);
        long begin = Offset;
        if ((length, begin) == _exhausted && !last)
        {
            return false;
        }

        if (length < begin)
        {
            log.ResetOffset(time.GetUtcNow(), stream);
            begin = 0;
        }

        long offset = SkipBacklog(begin, length);
        if (offset < length)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(ChunkBytes, options.LogLineBytesMax));
            try
            {
                offset = TakeChunks(buffer, offset, length, last);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        Free(offset, length);
        return offset != begin;
    }

    public void Dispose() => _file.Dispose();

    // What is more than the log keeps anyway is not read at all: a task may have written for days while no agent ran.
    private long SkipBacklog(long offset, long length)
    {
        if (length - offset <= options.LogBytesMax)
        {
            return offset;
        }

        long from = length - options.LogBytesMax;
        Note(from, $"[{from - offset} bytes of output came faster than they could be taken over, and are left out]");
        return from;
    }

    private long TakeChunks(byte[] buffer, long offset, long length, bool last)
    {
        long limit = last ? long.MaxValue : offset + BytesPerVisit;
        int lines = last ? int.MaxValue : LinesPerVisit;
        while (offset < length && offset < limit && lines > 0)
        {
            int read = RandomAccess.Read(_file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
            int taken = TakeLines(buffer.AsSpan(0, read), offset, last && offset + read >= length, ref lines);
            if (taken == 0)
            {
                // The start of a line: nothing to do before there is more of it.
                _exhausted = (length, offset);
                break;
            }

            offset += taken;
        }

        return offset;
    }

    private int TakeLines(ReadOnlySpan<byte> text, long offset, bool isEnd, ref int lines)
    {
        DateTimeOffset now = time.GetUtcNow();
        int start = 0;
        while (start < text.Length && lines > 0)
        {
            ReadOnlySpan<byte> rest = text[start..];
            int end = rest.IndexOf((byte)'\n');
            if (end < 0 && rest.Length < options.LogLineBytesMax && !isEnd)
            {
                break;
            }

            int length = Math.Min(end < 0 ? rest.Length : end, options.LogLineBytesMax);
            start += length + (length == end ? 1 : 0);
            log.Append(now, stream, offset + start, rest[..length]);
            lines--;
        }

        return start;
    }

    private void Free(long offset, long length)
    {
        long upTo = offset / BlockBytes * BlockBytes;
        if (upTo - _freed < HoleBytes)
        {
            return;
        }

        // Nothing is given back that is not in the log, whatever happens in between.
        log.Flush();
        if (LibC.fallocate(_file, LibC.PunchHoleKeepSize, _freed, upTo - _freed) == 0)
        {
            _freed = upTo;
        }
        else if (Marshal.GetLastPInvokeError() == LibC.EOPNOTSUPP)
        {
            Cut(offset, length);
        }
    }

    private void Cut(long offset, long length)
    {
        long left = RandomAccess.GetLength(_file) - offset;
        if (left > 0 && length <= 2 * options.LogBytesMax)
        {
            return;
        }

        if (left > 0)
        {
            Note(offset, $"[{left} bytes of output came faster than they could be taken over, and are left out]");
        }

        RandomAccess.SetLength(_file, 0);
        _freed = 0;
        log.ResetOffset(time.GetUtcNow(), stream);
    }

    private void Note(long offset, string text) => log.Append(time.GetUtcNow(), stream, offset, Encoding.ASCII.GetBytes(text));
}
