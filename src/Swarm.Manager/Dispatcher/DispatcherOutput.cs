// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>What <see cref="DispatcherCore"/> asks of its shell.</summary>
internal abstract record DispatcherOutput
{
    /// <summary>Write a message to a session stream, then say that it drained. At most one is under way for each stream.</summary>
    public sealed record SendSession(long Stream, SessionMessage Message) : DispatcherOutput;

    /// <summary>Write a message to an assignments stream, then say that it drained. At most one is under way for each stream.</summary>
    public sealed record SendAssignments(long Stream, AssignmentsMessage Message) : DispatcherOutput;

    /// <summary>End a stream with an error; nothing more is said about it.</summary>
    public sealed record CloseStream(long Stream, SwarmErrorCode Code, string Reason) : DispatcherOutput;

    /// <summary>Submit a write to the store and report how it ended. Writes must be submitted in the order given.</summary>
    public sealed record Post(long Id, DispatcherCommand Command) : DispatcherOutput;

    /// <summary>Answer a call that reported task statuses, or announced a departure.</summary>
    public sealed record AnswerStatus(long Request, SwarmException? Error) : DispatcherOutput;
}
