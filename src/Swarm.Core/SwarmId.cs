// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Swarm.Core;

/// <summary>
/// How ids are written: 17 random bytes with the top bit set, as a number in base 36 (27 digits); of these the second to the
/// 26th. The first is left out because the top bit makes it nearly always the same.
/// </summary>
public static class SwarmId
{
    /// <summary>Characters of an id.</summary>
    public const int Length = 25;

    /// <summary>Random bytes that go into an id.</summary>
    public const int RandomBytes = 17;

    /// <summary>Writes random bytes as an id.</summary>
    /// <param name="random">Exactly <see cref="RandomBytes"/> bytes, big-endian.</param>
    /// <returns>25 characters, each a digit or a small letter.</returns>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public static string Format(ReadOnlySpan<byte> random)
    {
        if (random.Length != RandomBytes)
        {
            throw new ArgumentException($"An id needs {RandomBytes} random bytes, not {random.Length}.", nameof(random));
        }

        Span<byte> bytes = stackalloc byte[RandomBytes];
        random.CopyTo(bytes);
        bytes[0] |= 0x80;
        return Base36.Format(bytes, Length + 2)[1..(Length + 1)];
    }

    /// <summary>Whether a text has the form of an id.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>True for 25 digits and small letters.</returns>
    public static bool IsValid(ReadOnlySpan<char> text) =>
        text.Length == Length && !text.ContainsAnyExcept("0123456789abcdefghijklmnopqrstuvwxyz");
}
