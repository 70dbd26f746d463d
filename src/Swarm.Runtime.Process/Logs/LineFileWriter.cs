// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>
/// Writes a file of <see cref="LineLog"/>: gathers lines and writes them at once. Holds a buffer only while lines wait. What could not be
/// written is forgotten, as if it had never been added: its owner takes it over again. Used by one thread at a time.
/// </summary>
internal sealed class LineFileWriter(string path) : IDisposable
{
    private const int BatchBytes = 64 * 1024;
    private const int HeadBytesMax = 64;

    private SafeFileHandle? _file;
    private byte[] _batch = [];
    private int _count;
    private long? _written;

    /// <summary>Bytes in the file once everything that waits is written.</summary>
    public long Length => (_written ??= LengthOnDisk()) + _count;

    /// <summary>Enough waits to be written.</summary>
    public bool IsFull => _count >= BatchBytes;

    /// <summary>Adds a line: time, one letter for its kind, the offset, the text.</summary>
    public void Add(DateTimeOffset time, char kind, long offset, ReadOnlySpan<byte> data)
    {
        Reserve(HeadBytesMax + data.Length);
        Span<byte> room = _batch.AsSpan(_count);
        _ = Utf8Formatter.TryFormat(time.UtcDateTime, room, out int length, 'O');
        room[length++] = (byte)' ';
        room[length++] = (byte)kind;
        room[length++] = (byte)' ';
        _ = Utf8Formatter.TryFormat(offset, room[length..], out int digits);
        length += digits;
        room[length++] = (byte)' ';
        data.CopyTo(room[length..]);
        length += data.Length;
        room[length++] = (byte)'\n';
        _count += length;
    }

    /// <summary>Writes what waits.</summary>
    /// <exception cref="IOException">It cannot be written; nothing waits any more, and nothing of it is in the file.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Flush()
    {
        if (_count == 0)
        {
            return;
        }

        long start = 0;
        try
        {
            _file ??= Open();
            start = _written ??= LengthOnDisk();
            RandomAccess.Write(_file, _batch.AsSpan(0, _count), start);
            _written = start + _count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CutBack(start);
            throw;
        }
        finally
        {
            Drop();
        }
    }

    /// <summary>Closes the file, and begins at its end, wherever that is then.</summary>
    public void Dispose()
    {
        Drop();
        _file?.Dispose();
        _file = null;
        _written = null;
    }

    private void Reserve(int bytes)
    {
        if (_batch.Length - _count >= bytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_count + bytes, _count == 0 ? 4 * 1024 : _count * 2));
        _batch.AsSpan(0, _count).CopyTo(larger);
        int count = _count;
        Drop();
        (_batch, _count) = (larger, count);
    }

    private void Drop()
    {
        if (_batch.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_batch);
        }

        (_batch, _count) = ([], 0);
    }

    // A full disk may have taken a part.
    private void CutBack(long start)
    {
        try
        {
            if (_file is not null)
            {
                RandomAccess.SetLength(_file, start);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // Then what is written next covers it.
        }

        _file?.Dispose();
        _file = null;
    }

    private long LengthOnDisk() => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private SafeFileHandle Open()
    {
        if (!File.Exists(path))
        {
            using var made = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            _written = 0;
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }
}
