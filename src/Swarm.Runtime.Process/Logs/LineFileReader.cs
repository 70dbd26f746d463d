// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>One line of a file of <see cref="LineLog"/>.</summary>
internal readonly record struct LineFileEntry(DateTimeOffset Time, char Kind, long Offset, ReadOnlyMemory<byte> Data);

/// <summary>Reads a file of <see cref="LineLog"/> while it is being written: whole lines only; may be asked again for more.</summary>
internal sealed class LineFileReader(string path) : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly SafeFileHandle _file =
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Up to where whole lines have been read.</summary>
    public long Position { get; private set; }

    public IEnumerable<TaskLogLine> ReadToEnd() => ReadEntries()
        .Where(static entry => entry.Kind != 'h')
        .Select(static entry => new TaskLogLine(entry.Time, entry.Kind == 'e' ? LogStream.Stderr : LogStream.Stdout, entry.Data));

    public IEnumerable<LineFileEntry> ReadEntries()
    {
        int most = ChunkBytes;
        while (true)
        {
            // No larger than what is there: who follows a log reads a line or two at a time.
            int size = (int)Math.Min(most, RandomAccess.GetLength(_file) - Position);
            if (size <= 0)
            {
                yield break;
            }

            byte[] chunk = new byte[size];
            int length = RandomAccess.Read(_file, chunk, Position);
            int start = 0;
            for (int end; (end = Array.IndexOf(chunk, (byte)'\n', start, length - start)) >= 0; start = end + 1)
            {
                Position += end + 1 - start;
                if (Parse(chunk.AsMemory(start, end - start)) is { } entry)
                {
                    yield return entry;
                }
            }

            if (length < most)
            {
                yield break;
            }

            // A line longer than the chunk: take a larger one. Lines are bounded, so this ends.
            most = start == 0 ? most * 2 : ChunkBytes;
        }
    }

    public void Dispose() => _file.Dispose();

    private static LineFileEntry? Parse(ReadOnlyMemory<byte> line)
    {
        ReadOnlySpan<byte> span = line.Span;
        int kindAt = span.IndexOf((byte)' ') + 1;
        if (kindAt <= 1 || span.Length < kindAt + 4
            || !DateTimeOffset.TryParseExact(
                Encoding.ASCII.GetString(span[..(kindAt - 1)]), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
                out DateTimeOffset time)
            || !Utf8Parser.TryParse(span[(kindAt + 2)..], out long offset, out int digits)
            || span.Length < kindAt + 2 + digits + 1)
        {
            return null;
        }

        return new LineFileEntry(time, (char)span[kindAt], offset, line[(kindAt + 2 + digits + 1)..]);
    }
}
