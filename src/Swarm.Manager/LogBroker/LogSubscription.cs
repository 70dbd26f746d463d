// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Manager;

/// <summary>How far a node is with a subscription.</summary>
internal enum LogNodeState
{
    /// <summary>It is not connected; it is asked when it comes.</summary>
    Absent,

    /// <summary>It was asked, or is about to be.</summary>
    Asked,

    /// <summary>It sends lines.</summary>
    Publishing,

    /// <summary>It has nothing more to send.</summary>
    Done,
}

/// <summary>A node in a subscription.</summary>
internal sealed class LogNode
{
    /// <summary>How far it is.</summary>
    public LogNodeState State { get; set; }

    /// <summary>Time of its latest line, from which it goes on after a break.</summary>
    public Timestamp? LastLine { get; set; }
}

/// <summary>One reader of logs: whom it reads, and the lines that wait for it. Not thread-safe.</summary>
internal sealed class LogSubscription(string id, long stream, LogSelector selector, LogSubscriptionOptions options, int bufferBytes)
{
    private readonly Queue<(LogMessage Line, int Size)> _lines = new();
    private int _bytes;
    private long _dropped;
    private bool _dropping;

    /// <summary>Its id on the wire.</summary>
    public string Id => id;

    /// <summary>The reader's stream.</summary>
    public long Stream => stream;

    /// <summary>Which tasks it reads.</summary>
    public LogSelector Selector => selector;

    /// <summary>How it reads them.</summary>
    public LogSubscriptionOptions Options => options;

    /// <summary>The nodes that run such tasks, or did.</summary>
    public SortedDictionary<string, LogNode> Nodes { get; } = new(StringComparer.Ordinal);

    /// <summary>Publishers that wait for room.</summary>
    public MarkedSet<long> Blocked { get; } = new();

    /// <summary>Whether a message to the reader is under way.</summary>
    public bool Busy { get; set; }

    /// <summary>Whether nothing waits to be sent.</summary>
    public bool IsEmpty => _lines.Count == 0 && _dropped == 0;

    /// <summary>Whether all nodes are done and none may come.</summary>
    public bool IsComplete => !options.Follow && Nodes.Values.All(node => node.State == LogNodeState.Done);

    /// <summary>Takes lines in, or counts them as dropped; false if they have to wait.</summary>
    public bool Offer(IReadOnlyCollection<LogMessage> lines)
    {
        int size = lines.Sum(line => line.CalculateSize());
        if (_dropping)
        {
            _dropped += lines.Count;
            return true;
        }

        if (_bytes > 0 && _bytes + size > bufferBytes)
        {
            return false;
        }

        foreach (LogMessage line in lines)
        {
            Add(line);
        }

        return true;
    }

    /// <summary>
    /// Adds a line of our own about a node or task. It need not wait for room; but where a node comes and goes all the time, and
    /// the reader does not read, it is dropped like any other.
    /// </summary>
    public void Note(LogContext context, string text, DateTimeOffset now)
    {
        if (_bytes > bufferBytes)
        {
            _dropped++;
            return;
        }

        Add(new LogMessage
        {
            Context = context,
            Timestamp = Timestamp.FromDateTimeOffset(now),
            Stream = LogStream.Stderr,
            Data = ByteString.CopyFromUtf8(text + "\n"),
        });
    }

    /// <summary>The reader is too slow: lines are dropped until it has caught up by half.</summary>
    public void StartDropping() => _dropping = true;

    /// <summary>Takes the next message for the reader.</summary>
    public SubscribeLogsMessage Take(int maxBytes, DateTimeOffset now)
    {
        if (_dropped > 0 && _bytes <= bufferBytes / 2)
        {
            string count = _dropped.ToString(CultureInfo.InvariantCulture);
            _dropped = 0;
            _dropping = false;
            Note(new LogContext(), $"… {count} lines dropped: this reader was too slow", now);
        }

        var message = new SubscribeLogsMessage();
        int bytes = 0;
        while (_lines.TryPeek(out (LogMessage Line, int Size) next) && (bytes == 0 || bytes + next.Size <= maxBytes))
        {
            _lines.Dequeue();
            _bytes -= next.Size;
            bytes += next.Size;
            message.Messages.Add(next.Line);
        }

        _dropping &= _dropped > 0 || _bytes > bufferBytes / 2;
        return message;
    }

    private void Add(LogMessage line)
    {
        int size = line.CalculateSize() + 6;
        _lines.Enqueue((line, size));
        _bytes += size;
    }
}
