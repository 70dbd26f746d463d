// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>
/// The contract of the eight calls as a table: which are allowed when, where they lead, and how they have to end. Work is of the kind that
/// runs until it is stopped.
/// </summary>
internal static class OrderRules
{
    private const CallEndKind Ended = CallEndKind.Succeeded | CallEndKind.Exited;

    /// <summary>The moves that are allowed in a phase, always in the same order.</summary>
    public static IEnumerable<Move> Allowed(Phase phase, bool adopts) => Enum.GetValues<Move>()
        .Where(move => (move != Move.Crash || adopts) && Expected(phase, move) != CallEndKind.None);

    /// <summary>How a move has to end; None when it is not allowed. A wait for running work ends later.</summary>
    public static CallEndKind Expected(Phase phase, Move move) => (phase, move) switch
    {
        (_, Move.Close or Move.Crash) => CallEndKind.Succeeded,
        (Phase.Removed, _) => CallEndKind.None,
        (_, Move.Remove) => CallEndKind.Succeeded,
        (Phase.Gone, _) => CallEndKind.None,
        (_, Move.Update or Move.Shutdown or Move.Terminate) => CallEndKind.Succeeded,
        (Phase.New, Move.Prepare) => CallEndKind.Succeeded,
        (Phase.Prepared or Phase.Running or Phase.Stopped, Move.Prepare) => CallEndKind.AlreadyPrepared,
        (Phase.Prepared, Move.Start) => CallEndKind.Succeeded,
        (Phase.Running or Phase.Stopped, Move.Start) => CallEndKind.AlreadyStarted,
        (Phase.Running or Phase.Stopped, Move.Wait) => Ended,
        _ => CallEndKind.None,
    };

    /// <summary>Where an allowed move leads.</summary>
    public static Phase After(Phase phase, Move move) => move switch
    {
        Move.Prepare when phase == Phase.New => Phase.Prepared,
        Move.Start when phase == Phase.Prepared => Phase.Running,
        Move.Shutdown or Move.Terminate when phase == Phase.Running => Phase.Stopped,
        Move.Shutdown or Move.Terminate when phase is Phase.New or Phase.Prepared => Phase.Idle,
        Move.Remove => Phase.Removed,
        Move.Close or Move.Crash when phase == Phase.Removed => Phase.Gone,
        _ => phase,
    };
}
