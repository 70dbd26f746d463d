// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>What the writer's core wants done, in this order.</summary>
internal abstract record WriterOutput
{
    public sealed record Propose(StoreProposal Proposal) : WriterOutput;

    public sealed record Publish(FeedItem Item) : WriterOutput;

    public sealed record Reply(WriterCommand Command, StoreView? Committed, Exception? Error) : WriterOutput;

    public sealed record ReignChanged(ulong Reign, bool IsLeading) : WriterOutput;

    public sealed record StandDown(ulong Reign, string Reason) : WriterOutput;

    public sealed record Alarm(string Message, Exception? Cause = null) : WriterOutput;

    public sealed record Drained : WriterOutput;
}
