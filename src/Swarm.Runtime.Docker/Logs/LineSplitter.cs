// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Swarm.Api;

namespace Swarm.Runtime.Docker.Logs;

/// <summary>
/// Makes lines of what the engine sends of one stream: each begins with its time and a space. A long line of a program comes from the
/// engine in pieces of 16 KiB with a time before each; those inside are taken out. Keeps no more than one line of the longest length.
/// </summary>
internal sealed class LineSplitter(LogStream stream, int lineBytesMax)
{
    /// <summary>After so many bytes of one line the engine begins a new piece of it, with its own time.</summary>
    private const int PieceBytes = 16 * 1024;
    private const int TimeBytesMin = 20;
    private const int TimeBytesMax = 40;

    private readonly List<byte> _line = [];
    private readonly List<byte> _stamp = [];
    private DateTimeOffset _time;
    private bool _isStamp = true;
    private bool _isWithin;
    private bool _wasCut;
    private int _pieceBytes;

    /// <summary>Takes bytes in and gives the lines that are whole now.</summary>
    public List<TaskLogLine> Take(ReadOnlyMemory<byte> bytes)
    {
        var lines = new List<TaskLogLine>();
        foreach (byte b in bytes.Span)
        {
            if (_isStamp && TakeStamp(b, lines))
            {
                continue;
            }

            if (b == (byte)'\n')
            {
                EndLine(lines);
            }
            else
            {
                Add(b, lines);
            }
        }

        return lines;
    }

    /// <summary>Gives the last line when it has no end.</summary>
    public List<TaskLogLine> End()
    {
        var lines = new List<TaskLogLine>();
        TakeAsText(lines);
        if (_line.Count > 0)
        {
            EndLine(lines);
        }

        return lines;
    }

    // False when the byte is one of the text.
    private bool TakeStamp(byte b, List<TaskLogLine> lines)
    {
        if (b == (byte)' ' && TryTime(out DateTimeOffset time))
        {
            // A line has the time of its first piece.
            _time = _isWithin ? _time : time;
            _stamp.Clear();
            (_isStamp, _pieceBytes) = (false, 0);
            return true;
        }

        if (b is (byte)' ' or (byte)'\n' || _stamp.Count >= TimeBytesMax)
        {
            TakeAsText(lines);
            return false;
        }

        _stamp.Add(b);
        return true;
    }

    // It was no time.
    private void TakeAsText(List<TaskLogLine> lines)
    {
        (_isStamp, _pieceBytes) = (false, 0);
        foreach (byte b in _stamp)
        {
            Add(b, lines);
        }

        _stamp.Clear();
    }

    private void Add(byte b, List<TaskLogLine> lines)
    {
        _line.Add(b);
        if (_line.Count >= lineBytesMax)
        {
            lines.Add(Cut(_line.Count));
            _wasCut = true;
        }

        if (++_pieceBytes == PieceBytes)
        {
            (_isStamp, _isWithin) = (true, true);
        }
    }

    private void EndLine(List<TaskLogLine> lines)
    {
        // A line that was cut just at its end has given all it has.
        if (_line.Count > 0 || !_wasCut)
        {
            lines.Add(Cut(_line.Count > 0 && _line[^1] == (byte)'\r' ? _line.Count - 1 : _line.Count));
        }

        (_isStamp, _isWithin, _wasCut) = (true, false, false);
    }

    private TaskLogLine Cut(int length)
    {
        byte[] data = [.. _line];
        _line.Clear();
        return new TaskLogLine(_time, stream, data.AsMemory(0, length));
    }

    // Times have nine digits after the point. Seven fit; the rest is left out, not rounded: what is read again from a time on must have it.
    private bool TryTime(out DateTimeOffset time)
    {
        time = default;
        if (_stamp.Count < TimeBytesMin || _stamp[10] != (byte)'T')
        {
            return false;
        }

        string text = Encoding.ASCII.GetString([.. _stamp]);
        const int secondsEnd = 19;
        const int digitsMax = 7;
        int digits = 0;
        if (text[secondsEnd] == '.')
        {
            digits = text.AsSpan(secondsEnd + 1).IndexOfAnyExceptInRange('0', '9');
        }

        text = digits > digitsMax ? text.Remove(secondsEnd + 1 + digitsMax, digits - digitsMax) : text;
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
