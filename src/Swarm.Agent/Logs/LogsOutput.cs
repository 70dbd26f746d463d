// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Agent.Logs;

/// <summary>What a <see cref="LogsMachine"/> wants done, in this order.</summary>
internal abstract record LogsOutput
{
    /// <summary>Open the stream on which the lines of a subscription go out.</summary>
    internal sealed record Open(string SubscriptionId) : LogsOutput;

    /// <summary>Read the output of a task; end with <see cref="LogsMachine.ReaderEnded"/>.</summary>
    internal sealed record Read(string SubscriptionId, string TaskId, LogSubscriptionOptions Options) : LogsOutput;

    /// <summary>Send a message; end with <see cref="LogsMachine.Sent"/>.</summary>
    internal sealed record Send(string SubscriptionId, PublishLogsMessage Message) : LogsOutput;

    /// <summary>There is room again: readers of the subscription that wait go on.</summary>
    internal sealed record Resume(string SubscriptionId) : LogsOutput;

    /// <summary>End all readers of the subscription and its stream: well after the last message, or at once.</summary>
    internal sealed record Close(string SubscriptionId, bool AtOnce) : LogsOutput;
}
