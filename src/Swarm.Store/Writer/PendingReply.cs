// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Store.Writer;

/// <summary>An answer that waits for the commit of the last entry it could have depended on.</summary>
/// <param name="Command">The command.</param>
/// <param name="Refusal">Why it was refused on Head; null if it was not.</param>
/// <param name="Wrote">Whether the entry carries writes of it.</param>
internal readonly record struct PendingReply(WriterCommand Command, Exception? Refusal, bool Wrote)
{
    public static SwarmException NotLeader() => new(
        SwarmErrorCode.NotLeader,
        "this manager is not the leader (any more); nothing was changed: try again");

    /// <summary>The answer when the entry commits.</summary>
    public WriterOutput Released(StoreView committed) => Refusal is null
        ? new WriterOutput.Reply(Command, committed, null)
        : new WriterOutput.Reply(Command, null, Refusal);

    /// <summary>The answer when the reign ends first.</summary>
    /// <param name="proposed">Whether the entry is on its way.</param>
    public WriterOutput Lost(bool proposed) => new WriterOutput.Reply(
        Command,
        null,
        proposed && Wrote
            ? new SwarmException(
                SwarmErrorCode.OutcomeUnknown,
                "leadership ended while the change was under way; it may or may not have taken effect: look before trying again")
            : NotLeader());
}
