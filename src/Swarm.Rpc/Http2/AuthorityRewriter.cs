// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Binary;

namespace Swarm.Rpc.Http2;

/// <summary>
/// Rewrites what a client sends over an HTTP/2 connection (RFC 9113) so that Kestrel takes it. gRPC clients in Go name the path of the
/// unix socket as <c>:authority</c>, raw or percent-encoded; Kestrel answers either with a protocol error, before any code of ours
/// runs. So each header block is decoded, a bad authority replaced by <c>localhost</c>, and the block encoded anew; all else passes
/// through. Pure: bytes in, bytes out, cut anywhere. Not thread-safe.
/// </summary>
internal sealed class AuthorityRewriter
{
    /// <summary>The table size the server must announce (or leave at its default).</summary>
    public const int HeaderTableSize = 4096;

    /// <summary>Bound of one header block, encoded or decoded.</summary>
    public const int HeaderListSizeMax = 64 * 1024;

    private const int FrameHeaderSize = 9;
    private const int FrameSizeMax = 16_384;
    private const byte HeadersFrame = 1;
    private const byte ContinuationFrame = 9;
    private const byte EndStream = 0x1;
    private const byte EndHeaders = 0x4;
    private const byte Padded = 0x8;
    private const byte Priority = 0x20;

    private static readonly byte[] Replacement = "localhost"u8.ToArray();
    private static readonly SearchValues<byte> HostBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]"u8);

    private readonly HpackDecoder _decoder = new(HeaderTableSize, HeaderListSizeMax);
    private readonly byte[] _frameHeader = new byte[FrameHeaderSize];
    private readonly ArrayBufferWriter<byte> _block = new();
    private readonly ArrayBufferWriter<byte> _payload = new();
    private int _prefaceLeft = Preface.Length;
    private int _headerFilled;
    private int _payloadLeft;
    private bool _passing;
    private uint _openStream;
    private byte _openFlags;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Takes what arrived and writes what is to be passed on.</summary>
    /// <param name="input">Any piece of the stream.</param>
    /// <param name="output">Where it goes on.</param>
    /// <exception cref="HpackException">It is no HTTP/2, or a bound is exceeded: end the connection.</exception>
    public void Push(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (!input.IsEmpty)
        {
            if (_prefaceLeft > 0)
            {
                PassPreface(ref input, output);
            }
            else if (_payloadLeft > 0)
            {
                TakePayload(ref input, output);
            }
            else
            {
                TakeFrameHeader(ref input, output);
            }
        }
    }

    /// <summary>Whether Kestrel would refuse this as an authority.</summary>
    public static bool IsBad(ReadOnlySpan<byte> authority) => authority.ContainsAnyExcept(HostBytes);

    private void PassPreface(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        int count = Math.Min(_prefaceLeft, input.Length);
        if (!input[..count].SequenceEqual(Preface.Slice(Preface.Length - _prefaceLeft, count)))
        {
            throw new HpackException("the client does not speak HTTP/2");
        }

        output.Write(input[..count]);
        input = input[count..];
        _prefaceLeft -= count;
    }

    private void TakeFrameHeader(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        int count = Math.Min(FrameHeaderSize - _headerFilled, input.Length);
        input[..count].CopyTo(_frameHeader.AsSpan(_headerFilled));
        input = input[count..];
        _headerFilled += count;
        if (_headerFilled < FrameHeaderSize)
        {
            return;
        }

        _headerFilled = 0;
        _payloadLeft = (_frameHeader[0] << 16) | (_frameHeader[1] << 8) | _frameHeader[2];
        if (_payloadLeft > FrameSizeMax)
        {
            throw new HpackException("a frame is larger than the server allows");
        }

        byte type = _frameHeader[3];
        if (_openStream != 0 && (type != ContinuationFrame || StreamId() != _openStream))
        {
            throw new HpackException("headers were interrupted by another frame");
        }

        if (_openStream == 0 && type == ContinuationFrame)
        {
            throw new HpackException("a continuation without headers");
        }

        _passing = type is not (HeadersFrame or ContinuationFrame);
        if (_passing)
        {
            output.Write(_frameHeader);
        }
        else if (_payloadLeft == 0)
        {
            EndHeaderFrame(output);
        }
    }

    private void TakePayload(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        int count = Math.Min(_payloadLeft, input.Length);
        (_passing ? output : _payload).Write(input[..count]);
        input = input[count..];
        _payloadLeft -= count;
        if (_payloadLeft == 0 && !_passing)
        {
            EndHeaderFrame(output);
        }
    }

    private void EndHeaderFrame(IBufferWriter<byte> output)
    {
        byte flags = _frameHeader[4];
        ReadOnlySpan<byte> payload = _payload.WrittenSpan;
        if (_frameHeader[3] == HeadersFrame)
        {
            payload = StripPadding(payload, flags);
            _openStream = StreamId();
            _openFlags = (byte)(flags & EndStream);
            if (_openStream == 0)
            {
                throw new HpackException("headers without a stream");
            }
        }

        if (_block.WrittenCount + payload.Length > HeaderListSizeMax)
        {
            throw new HpackException($"headers of more than {HeaderListSizeMax} bytes");
        }

        _block.Write(payload);
        _payload.ResetWrittenCount();
        if ((flags & EndHeaders) != 0)
        {
            WriteBlock(output);
        }
    }

    // Priorities are taken out too: RFC 9113 deprecates them and Kestrel ignores them.
    private static ReadOnlySpan<byte> StripPadding(ReadOnlySpan<byte> payload, byte flags)
    {
        int start = ((flags & Padded) != 0 ? 1 : 0) + ((flags & Priority) != 0 ? 5 : 0);
        int padding = (flags & Padded) != 0 && payload.Length > 0 ? payload[0] : 0;
        return start + padding <= payload.Length
            ? payload[start..^padding]
            : throw new HpackException("the padding of headers is longer than the frame");
    }

    private void WriteBlock(IBufferWriter<byte> output)
    {
        var encoded = new ArrayBufferWriter<byte>(_block.WrittenCount + 64);
        foreach (HeaderField field in _decoder.Decode(_block.WrittenSpan))
        {
            HpackEncoder.Encode(Fix(field), encoded);
        }

        ReadOnlySpan<byte> left = encoded.WrittenSpan;
        byte type = HeadersFrame;
        byte flags = _openFlags;
        do
        {
            ReadOnlySpan<byte> piece = left[..Math.Min(left.Length, FrameSizeMax)];
            left = left[piece.Length..];
            WriteFrame(output, type, (byte)(flags | (left.IsEmpty ? EndHeaders : 0)), piece);
            type = ContinuationFrame;
            flags = 0;
        }
        while (!left.IsEmpty);

        _block.ResetWrittenCount();
        _openStream = 0;
    }

    private void WriteFrame(IBufferWriter<byte> output, byte type, byte flags, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = output.GetSpan(FrameHeaderSize);
        header[0] = (byte)(payload.Length >> 16);
        header[1] = (byte)(payload.Length >> 8);
        header[2] = (byte)payload.Length;
        header[3] = type;
        header[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(header[5..], _openStream);
        output.Advance(FrameHeaderSize);
        output.Write(payload);
    }

    private static HeaderField Fix(HeaderField field)
    {
        bool names = field.Name.AsSpan().SequenceEqual(":authority"u8) || field.Name.AsSpan().SequenceEqual("host"u8);
        return names && IsBad(field.Value) ? field with { Value = Replacement } : field;
    }

    private uint StreamId() => BinaryPrimitives.ReadUInt32BigEndian(_frameHeader.AsSpan(5)) & 0x7fff_ffff;
}
