// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Swarm.Simulation;

/// <summary>
/// The history of a simulated world as one running 64-bit hash. Two runs that took the same steps have the same hash;
/// where they differ, <see cref="Lines"/> of both tell where first. Not thread-safe.
/// </summary>
public sealed class SimulationTrace
{
    private readonly XxHash64 _hash = new();
    private List<string>? _lines;

    /// <summary>The hash of all steps and notes so far.</summary>
    public ulong Hash => _hash.GetCurrentHashAsUInt64();

    /// <summary>The notes so far, if they are kept; else empty.</summary>
    public IReadOnlyList<string> Lines => _lines ?? [];

    /// <summary>Keeps the notes from now on, for finding out where two runs part. They are not bounded: for short runs.</summary>
    public void KeepLines() => _lines ??= [];

    /// <summary>Adds a note of what happened to the history.</summary>
    /// <param name="line">Any text that is the same in every run from this seed.</param>
    public void Note(string line)
    {
        _hash.Append(Encoding.UTF8.GetBytes(line));
        _lines?.Add(line);
    }

    internal void Add(DateTimeOffset now, int who)
    {
        Span<byte> step = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(step, now.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(step[8..], who);
        _hash.Append(step);
    }
}
