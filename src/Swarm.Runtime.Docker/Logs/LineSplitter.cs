// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Swarm.Api;

namespace Swarm.Runtime.Docker.Logs;

/// <summary>Makes lines of what the engine sends of one stream: each begins with its time and a space.</summary>
internal sealed class LineSplitter(LogStream stream, int lineBytesMax)
{
    private const int TimeBytesMax = 40;

    private readonly List<byte> _line = [];
    private DateTimeOffset _time;
    private bool _hasTime;

    /// <summary>Takes bytes in and gives the lines that are whole now.</summary>
    public List<TaskLogLine> Take(ReadOnlyMemory<byte> bytes)
    {
        var lines = new List<TaskLogLine>();
        foreach (byte b in bytes.Span)
        {
            if (b == (byte)'\n')
            {
                lines.Add(Cut());
                _hasTime = false;
            }
            else if (b == (byte)' ' && !_hasTime && _line.Count <= TimeBytesMax && TryTime())
            {
                _line.Clear();
                _hasTime = true;
            }
            else
            {
                _line.Add(b);
                if (_hasTime && _line.Count >= lineBytesMax)
                {
                    lines.Add(Cut());
                }
            }
        }

        return lines;
    }

    /// <summary>Gives the last line when it has no end.</summary>
    public IEnumerable<TaskLogLine> End() => _line.Count > 0 ? [Cut()] : [];

    private TaskLogLine Cut()
    {
        byte[] data = _line.ToArray();
        _line.Clear();
        int length = data.Length > 0 && data[^1] == (byte)'\r' ? data.Length - 1 : data.Length;
        return new TaskLogLine(_time, stream, data.AsMemory(0, length));
    }

    private bool TryTime() => DateTimeOffset.TryParse(
        Encoding.ASCII.GetString(_line.ToArray()), CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out _time);
}
