// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>What <see cref="LogBrokerCore"/> asks of its shell.</summary>
internal abstract record LogBrokerOutput
{
    /// <summary>Write lines to a reader, then say that the stream drained.</summary>
    public sealed record SendLines(long Stream, SubscribeLogsMessage Message) : LogBrokerOutput;

    /// <summary>Tell a node of a subscription or its end, then say that the stream drained.</summary>
    public sealed record SendSubscription(long Stream, SubscriptionMessage Message) : LogBrokerOutput;

    /// <summary>End a stream: well, if there is no reason.</summary>
    public sealed record CloseStream(long Stream, SwarmException? Reason) : LogBrokerOutput;

    /// <summary>There is room again: offer the message of this publisher anew.</summary>
    public sealed record ResumePublisher(long Publisher) : LogBrokerOutput;
}
