// SPDX-License-Identifier: Apache-2.0
using System.Buffers;

namespace Swarm.Rpc.Http2;

/// <summary>
/// The Huffman code of RFC 7541, Appendix B. The code is canonical: the lengths determine it, codes of one length being given out
/// in the order of the symbols.
/// </summary>
internal static class HpackHuffman
{
    private const int EndOfString = 256;
    private const int LongestCode = 30;
    private const int ShortestCode = 5;

    // Length of the code of each byte, then of the end of string.
    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    // Symbols in the order of their codes; and for each length its first code and where its symbols begin.
    private static readonly short[] Symbols = new short[EndOfString + 1];
    private static readonly uint[] FirstCode = new uint[LongestCode + 1];
    private static readonly int[] FirstSymbol = new int[LongestCode + 2];
    private static readonly uint[] Codes = new uint[EndOfString + 1];

#pragma warning disable CA1810 // The tables depend on each other.
    static HpackHuffman()
    {
        int at = 0;
        uint code = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            code <<= 1;
            FirstCode[length] = code;
            FirstSymbol[length] = at;
            for (int symbol = 0; symbol <= EndOfString; symbol++)
            {
                if (Lengths[symbol] == length)
                {
                    Symbols[at++] = (short)symbol;
                    Codes[symbol] = code++;
                }
            }
        }

        FirstSymbol[LongestCode + 1] = at;
    }
#pragma warning restore CA1810

    /// <summary>Decodes a string.</summary>
    /// <exception cref="HpackException">It is not well formed: an end of string inside, or padding that is not the start of
    /// one.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> data)
    {
        var output = new ArrayBufferWriter<byte>((data.Length * 8 / ShortestCode) + 1);
        uint code = 0;
        int length = 0;
        bool onlyOnes = true;
        foreach (byte octet in data)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                uint one = (uint)(octet >> bit) & 1;
                code = (code << 1) | one;
                onlyOnes &= one == 1;
                length++;
                int symbol = Find(code, length);
                if (symbol < 0)
                {
                    continue;
                }

                if (symbol == EndOfString)
                {
                    throw new HpackException("end of string inside a Huffman string");
                }

                output.GetSpan(1)[0] = (byte)symbol;
                output.Advance(1);
                code = 0;
                length = 0;
                onlyOnes = true;
            }
        }

        // What remains is padding: fewer than 8 bits, all ones (RFC 7541 §5.2).
        return length < 8 && onlyOnes ? output.WrittenSpan.ToArray() : throw new HpackException("bad padding of a Huffman string");
    }

    /// <summary>Encodes a string. Only tests need it: what is sent on is sent plain.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> text)
    {
        var output = new List<byte>();
        ulong bits = 0;
        int count = 0;
        foreach (byte octet in text)
        {
            bits = (bits << Lengths[octet]) | Codes[octet];
            count += Lengths[octet];
            for (; count >= 8; count -= 8)
            {
                output.Add((byte)(bits >> (count - 8)));
            }
        }

        if (count > 0)
        {
            output.Add((byte)((bits << (8 - count)) | (0xffu >> count)));
        }

        return [.. output];
    }

    private static int Find(uint code, int length)
    {
        if (length > LongestCode)
        {
            throw new HpackException("no such Huffman code");
        }

        long offset = (long)code - FirstCode[length];
        int known = FirstSymbol[length + 1] - FirstSymbol[length];
        return offset >= 0 && offset < known ? Symbols[FirstSymbol[length] + (int)offset] : -1;
    }
}
