// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>The counters behind <see cref="WriterCounters"/>.</summary>
internal sealed class CoreCounters
{
    private SortedDictionary<string, long> _controllerWrites = new(StringComparer.Ordinal);

    public long Turns { get; set; }

    public long CommandsAccepted { get; set; }

    public long CommandsRefused { get; set; }

    public long CommandWrites { get; set; }

    public long EntriesProposed { get; set; }

    public long EntriesCommitted { get; set; }

    public long EntriesWithoutEffect { get; set; }

    public long Alarms { get; set; }

    // A dictionary that was handed out stays as it is.
    public void CountWrites(string controller, int writes)
    {
        if (writes > 0 || !_controllerWrites.ContainsKey(controller))
        {
            _controllerWrites = new(_controllerWrites, StringComparer.Ordinal)
            {
                [controller] = _controllerWrites.GetValueOrDefault(controller) + writes,
            };
        }
    }

    public WriterCounters ToPublic(bool isAtRest) => new()
    {
        Turns = Turns,
        CommandsAccepted = CommandsAccepted,
        CommandsRefused = CommandsRefused,
        CommandWrites = CommandWrites,
        EntriesProposed = EntriesProposed,
        EntriesCommitted = EntriesCommitted,
        EntriesWithoutEffect = EntriesWithoutEffect,
        Alarms = Alarms,
        ControllerWrites = _controllerWrites,
        IsAtRest = isAtRest,
    };
}
