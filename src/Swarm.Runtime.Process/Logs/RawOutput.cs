// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// One output of a task as the task writes it: a file, so that the task can write while no agent runs. What has been taken over into the
/// log is given back to the file system by making a hole at the start of the file, which no writer can notice; where the file system has
/// no holes, the file is cut once everything in it has been taken over, and what is written in that very moment is lost.
/// </summary>
internal sealed class RawOutput(string path, LogStream stream, LineLog log, ProcessExecutorOptions options, TimeProvider time) : IDisposable
{
    private const int ChunkBytes = 64 * 1024;
    private const long BytesPerVisit = 4 * 1024 * 1024;
    private const long HoleBytes = 1024 * 1024;
    private const long BlockBytes = 4096;

    private readonly SafeFileHandle _file = LibC.Open(path, LibC.OpenReadWrite);
    private readonly byte[] _buffer = new byte[Math.Max(ChunkBytes, options.LogLineBytesMax)];
    private long _freed;

    private long Offset => stream == LogStream.Stderr ? log.StderrOffset : log.StdoutOffset;

    /// <summary>Takes over what was written since; with <paramref name="last"/>, all of it and also a line without an end.</summary>
    /// <returns>Whether anything was taken over.</returns>
    public bool TakeOver(bool last)
    {
        long begin = Offset;
        long length = RandomAccess.GetLength(_file);
        if (length < begin)
        {
            log.ResetOffset(time.GetUtcNow(), stream);
            begin = 0;
        }

        long offset = SkipBacklog(begin, length);
        long limit = last ? long.MaxValue : offset + BytesPerVisit;
        while (offset < length && offset < limit)
        {
            int read = RandomAccess.Read(_file, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, length - offset)), offset);
            int taken = TakeLines(_buffer.AsSpan(0, read), offset, last && offset + read >= length);
            if (taken == 0)
            {
                break;
            }

            offset += taken;
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
        byte[] note = Encoding.ASCII.GetBytes(
            $"[{from - offset} bytes of output came faster than they could be taken over, and are left out]");
        log.Append(time.GetUtcNow(), stream, from, note);
        return from;
    }

    private int TakeLines(ReadOnlySpan<byte> text, long offset, bool isEnd)
    {
        DateTimeOffset now = time.GetUtcNow();
        int start = 0;
        while (start < text.Length)
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

        if (LibC.fallocate(_file, LibC.PunchHoleKeepSize, _freed, upTo - _freed) == 0)
        {
            _freed = upTo;
        }
        else if (Marshal.GetLastPInvokeError() == LibC.EOPNOTSUPP && offset == length && RandomAccess.GetLength(_file) == length)
        {
            RandomAccess.SetLength(_file, 0);
            _freed = 0;
            log.ResetOffset(time.GetUtcNow(), stream);
        }
    }
}
