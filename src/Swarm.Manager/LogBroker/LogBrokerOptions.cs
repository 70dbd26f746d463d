// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>Settings of the log broker, which brings the output of tasks from their nodes to those who ask for it.</summary>
public sealed class LogBrokerOptions
{
    /// <summary>Readers of logs at once; more are refused. At least 1; default 1000.</summary>
    public int SubscriptionsMax { get; set; } = 1000;

    /// <summary>
    /// Bytes of lines that may wait for one reader. 64 KiB … 64 MiB; default 4 MiB. When they are full, nodes are made to wait; when
    /// <see cref="SlowReaderGrace"/> is over too, lines are dropped and the reader is told how many.
    /// </summary>
    public int BufferBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes at which a message to a reader is cut. 4 KiB … 3 MiB; default 512 KiB.</summary>
    public int MessageBytes { get; set; } = 512 * 1024;

    /// <summary>How long nodes wait for a reader that does not read before lines are dropped. Above zero; default 10 s.</summary>
    public TimeSpan SlowReaderGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node may take to begin to answer a reader that does not follow. Above zero; default 30 s.</summary>
    public TimeSpan NodeAnswerMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the text names it.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(SubscriptionsMax, 1, nameof(SubscriptionsMax));
        OptionCheck.Range(BufferBytes, 64 * 1024, 64 * 1024 * 1024, nameof(BufferBytes));
        OptionCheck.Range(MessageBytes, 4 * 1024, SwarmDefaults.MessageSizeMax * 3 / 4, nameof(MessageBytes));
        OptionCheck.Positive(SlowReaderGrace, nameof(SlowReaderGrace));
        OptionCheck.Positive(NodeAnswerMax, nameof(NodeAnswerMax));
    }
}
