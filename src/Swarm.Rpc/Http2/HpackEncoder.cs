// SPDX-License-Identifier: Apache-2.0
using System.Buffers;

namespace Swarm.Rpc.Http2;

/// <summary>
/// Encodes header blocks with literals only (RFC 7541 §6.2.2, §6.2.3): the other side's table stays empty, and no state is kept.
/// </summary>
internal static class HpackEncoder
{
    public static void Encode(HeaderField field, IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = (byte)(field.IsSensitive ? 0x10 : 0x00);
        output.Advance(1);
        WriteString(field.Name, output);
        WriteString(field.Value, output);
    }

    private static void WriteString(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        const int Mask = 0x7f;
        int length = text.Length;
        Span<byte> head = output.GetSpan(8);
        int at = 0;
        if (length < Mask)
        {
            head[at++] = (byte)length;
        }
        else
        {
            head[at++] = Mask;
            for (length -= Mask; length >= 0x80; length >>= 7)
            {
                head[at++] = (byte)(0x80 | (length & 0x7f));
            }

            head[at++] = (byte)length;
        }

        output.Advance(at);
        output.Write(text);
    }
}
