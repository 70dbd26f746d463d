// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Swarm.Core;

/// <summary>
/// A random source that gives the same numbers for the same seed on every machine: xoshiro256** (Blackman and Vigna,
/// "Scrambled linear pseudorandom number generators", 2018), seeded by splitmix64. Never for keys, tokens or nonces.
/// Not thread-safe: one owner each.
/// </summary>
public sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts a stream.</summary>
    /// <param name="seed">Any number; equal seeds give equal streams.</param>
    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>Starts the stream that belongs to a pair of numbers, such as (reign, command number).</summary>
    /// <param name="seed">The first number.</param>
    /// <param name="stream">The second number. Pairs that differ give streams that have nothing in common.</param>
    public SeededRandom(ulong seed, ulong stream)
        : this(Mix(seed, stream))
    {
    }

    /// <summary>The next 64 random bits.</summary>
    /// <returns>Any number.</returns>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 up to, not including, a bound, each as likely as the others (Lemire's method).</summary>
    /// <param name="bound">At least 1.</param>
    /// <returns>0 … <paramref name="bound"/> − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        uint range = (uint)bound;
        uint threshold = (0u - range) % range;
        while (true)
        {
            ulong product = (NextUInt64() >> 32) * range;
            if ((uint)product >= threshold)
            {
                return (int)(product >> 32);
            }
        }
    }

    /// <summary>A number from 0 up to, not including, 1, in steps of 2⁻⁵³.</summary>
    /// <returns>0 ≤ x &lt; 1.</returns>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A time between two bounds.</summary>
    /// <param name="least">The lower bound, included.</param>
    /// <param name="most">The upper bound, not included unless it equals the lower.</param>
    /// <returns>The time, in whole ticks of 100 ns.</returns>
    public TimeSpan NextTimeSpan(TimeSpan least, TimeSpan most) =>
        TimeSpan.FromTicks(least.Ticks + (long)((most.Ticks - least.Ticks) * NextDouble()));

    /// <summary>Fills a buffer with random bytes.</summary>
    /// <param name="destination">The buffer, of any length.</param>
    public void NextBytes(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ulong bits = NextUInt64();
            for (int i = 0; i < 8 && !destination.IsEmpty; i++, bits >>= 8)
            {
                destination[0] = (byte)bits;
                destination = destination[1..];
            }
        }
    }

    /// <summary>Starts a stream of its own from the next number of this one.</summary>
    /// <returns>The new stream.</returns>
    public SeededRandom Fork() => new(NextUInt64());

    private static ulong Mix(ulong seed, ulong stream)
    {
        ulong s = seed;
        ulong a = SplitMix64(ref s);
        s = a ^ stream;
        return SplitMix64(ref s);
    }

    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
