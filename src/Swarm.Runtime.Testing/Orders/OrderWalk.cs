// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>Makes the calls of one walk, and compares each with the table and the work with what is seen of it.</summary>
internal sealed class OrderWalk(Workbench bench)
{
    private static readonly string[] Calls = ["update", "prepare", "start", "wait", "shutdown", "terminate", "remove", "close"];

    private readonly Subject _subject = bench.NewTask();
    private Phase _phase = Phase.New;
    private PendingWait? _wait;

    public async Task RunAsync(IReadOnlyList<Move> moves)
    {
        for (int at = 0; at < moves.Count; at++)
        {
            try
            {
                await StepAsync(moves[at]);
            }
            catch (ConformanceException e)
            {
                string way = string.Join(", ", moves.Take(at + 1).Select(Name));
                throw new ConformanceException($"{e.Message} (after: {way})", e.InnerException);
            }
        }

        await StopWaitingAsync();
    }

    public static string Name(Move move) => move.ToString().ToLowerInvariant();

    private async Task StepAsync(Move move)
    {
        // Beside a wait only these may be under way.
        if (move is not (Move.Update or Move.Shutdown or Move.Terminate))
        {
            await StopWaitingAsync();
        }

        switch (move)
        {
            case Move.Crash:
                await bench.CrashAsync();
                break;
            case Move.Close:
                await CloseAsync();
                break;
            case Move.Wait when _phase == Phase.Running:
                _wait = PendingWait.Begin(bench, _subject);
                break;
            default:
                await _subject.ExpectAsync(Name(move), OrderRules.Expected(_phase, move));
                break;
        }

        bool stops = _phase == Phase.Running && move is Move.Shutdown or Move.Terminate or Move.Remove;
        _phase = OrderRules.After(_phase, move);
        if (stops && _wait is { } wait)
        {
            _wait = null;
            await wait.ExpectEndAsync();
        }

        await LookAsync(Name(move));
    }

    private async Task LookAsync(string move)
    {
        _wait?.ExpectPending();
        await (_phase switch
        {
            Phase.Running => _subject.ExpectRunningAsync(),
            Phase.Stopped => _subject.ExpectStoppedAsync(move),
            Phase.Removed or Phase.Gone => _subject.ExpectGoneAsync(move),
            _ => _subject.ExpectUnstartedAsync(move),
        });
    }

    private async Task CloseAsync()
    {
        await _subject.CloseAsync();
        foreach (string call in Calls)
        {
            await _subject.ExpectAsync(call, call == "close" ? CallEndKind.Succeeded : CallEndKind.Closed);
        }

        _subject.Lose();
    }

    private async Task StopWaitingAsync()
    {
        if (_wait is { } wait)
        {
            _wait = null;
            await wait.CancelAsync();
        }
    }
}
