// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Swarm.Core;

/// <summary>Big-endian bytes as a number in base 36, with the digits 0–9 and a–z.</summary>
public static class Base36
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>Writes bytes as a number.</summary>
    /// <param name="bytes">The number, unsigned and big-endian.</param>
    /// <param name="width">The least length of the text; it is padded with 0 in front.</param>
    /// <returns>The digits.</returns>
    public static string Format(ReadOnlySpan<byte> bytes, int width)
    {
        var value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var reversed = new List<char>(width);
        while (!value.IsZero)
        {
            value = BigInteger.DivRem(value, 36, out BigInteger digit);
            reversed.Add(Digits[(int)digit]);
        }

        while (reversed.Count < width)
        {
            reversed.Add('0');
        }

        reversed.Reverse();
        return new string([.. reversed]);
    }
}
