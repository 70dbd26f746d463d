// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>The bounds of a writer.</summary>
public sealed class StoreWriterOptions
{
    /// <summary>Most commands run in one turn.</summary>
    /// <value>1 … 1,000,000; default 256.</value>
    public int MaxCommandsPerTurn { get; set; } = 256;

    /// <summary>Writes after which a controller is cut off for this turn. One atom may go beyond it.</summary>
    /// <value>1 … 1,000,000; default 1,000.</value>
    public int MaxWritesPerController { get; set; } = 1_000;

    /// <summary>Most bytes of one log entry, serialised.</summary>
    /// <value>1 KiB … 1.5 MiB (the limit of SwarmKit); default 1 MiB.</value>
    public int MaxEntryBytes { get; set; } = 1024 * 1024;

    /// <summary>Most entries proposed and not yet committed. With all in flight, commands gather for the next turn.</summary>
    /// <value>1 … 10,000; default 64.</value>
    public int MaxEntriesInFlight { get; set; } = 64;

    /// <summary>Most commands that wait for their turn; more are refused at once.</summary>
    /// <value>1 … 10,000,000; default 10,000.</value>
    public int MaxQueuedCommands { get; set; } = 10_000;

    /// <summary>
    /// For tests: keeps a hash of every stored object and ends the program with a clear error when one was changed in place.
    /// Costs a serialisation per object read or written.
    /// </summary>
    /// <value>Default false.</value>
    public bool DetectMutation { get; set; }

    /// <summary>
    /// For tests: applies every entry, serialised and read back, to the state before it and checks that the outcome equals
    /// the leader's, before it is proposed.
    /// </summary>
    /// <value>Default false.</value>
    public bool VerifyEntries { get; set; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Validate()
    {
        Check(MaxCommandsPerTurn, 1, 1_000_000, nameof(MaxCommandsPerTurn));
        Check(MaxWritesPerController, 1, 1_000_000, nameof(MaxWritesPerController));
        Check(MaxEntryBytes, 1024, 3 * 512 * 1024, nameof(MaxEntryBytes));
        Check(MaxEntriesInFlight, 1, 10_000, nameof(MaxEntriesInFlight));
        Check(MaxQueuedCommands, 1, 10_000_000, nameof(MaxQueuedCommands));
    }

    internal StoreWriterOptions Copy() => (StoreWriterOptions)MemberwiseClone();

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"StoreWriterOptions.{name} is {value}; it must be {least} to {most}.");
        }
    }
}
