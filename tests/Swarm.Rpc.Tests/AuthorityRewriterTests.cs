// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Swarm.Rpc.Http2;

namespace Swarm.Rpc.Tests;

public class AuthorityRewriterTests
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Continuation = 9;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private sealed record Frame(byte Type, byte Flags, uint Stream, byte[] Payload);

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("swarm-manager:4242", false)]
    [InlineData("[::1]:4242", false)]
    [InlineData("ctl.sock", false)]
    [InlineData("/var/run/swarm.sock", true)]
    [InlineData("%2Fvar%2Frun%2Fswarm.sock", true)]
    [InlineData("a b", true)]
    public void IsBad_Authority_AsKestrelSees(string authority, bool bad) =>
        Assert.Equal(bad, AuthorityRewriter.IsBad(Encoding.ASCII.GetBytes(authority)));

    [Fact]
    public void Push_PaddingPriorityContinuationsAndCuts_ChangeNothingButTheAuthority() => Gen.Select(
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 60], Gen.Bool, Gen.Bool, Gen.Int[1, 5]).Array[1, 4], Gen.Int[1, 200], Gen.Byte.Array[0, 100])
        .Sample((requests, cut, data) =>
        {
            var stream = new ArrayBufferWriter<byte>();
            stream.Write(Preface);
            Write(stream, new Frame(Settings, 0, 0, [0, 1, 0, 0, 16, 0]));
            uint id = 1;
            foreach ((int length, int padding, bool priority, bool huffman, int pieces) in requests)
            {
                WriteHeaders(stream, id, Block(length, huffman, id > 1), padding, priority, pieces);
                Write(stream, new Frame(Data, 1, id, data));
                id += 2;
            }

            List<Frame> frames = Pass(stream.WrittenSpan, cut);
            var decoder = new HpackDecoder(0, 1 << 20);
            uint next = 1;
            foreach (Frame frame in frames.Where(f => f.Type == Headers))
            {
                string text = HpackTests.Text(decoder.Decode(frame.Payload));
                Assert.Equal($":method: POST, :authority: localhost, x-long: {new string('v', requests[next / 2].Item1)}", text);
                Assert.Equal((next, (byte)4), (frame.Stream, frame.Flags));
                next += 2;
            }

            Assert.Equal(id, next);
            Assert.Equal(requests.Length, frames.Count(f => f.Type == Data && f.Payload.AsSpan().SequenceEqual(data) && f.Flags == 1));
            Assert.Single(frames, f => f.Type == Settings && f.Payload.Length == 6);
        });

    [Fact]
    public void Push_GoodAuthorityAndOtherHeaders_StayAsTheyAre()
    {
        var stream = new ArrayBufferWriter<byte>();
        stream.Write(Preface);
        var block = new ArrayBufferWriter<byte>();
        HpackEncoder.Encode(Field(":authority", "swarm-manager:4242"), block);
        HpackEncoder.Encode(Field("x-path", "/not/an/authority"), block);
        HpackEncoder.Encode(Field("host", "/a/b"), block);
        HpackEncoder.Encode(new HeaderField("token"u8.ToArray(), "secret"u8.ToArray(), true), block);
        WriteHeaders(stream, 1, block.WrittenSpan.ToArray(), 0, false, 1);
        List<HeaderField> fields = new HpackDecoder(0, 4096).Decode(Pass(stream.WrittenSpan, 1000).Single().Payload);
        Assert.Equal(":authority: swarm-manager:4242, x-path: /not/an/authority, host: localhost, token: secret", HpackTests.Text(fields));
        Assert.True(fields[^1].IsSensitive);
    }

    [Fact]
    public void Push_BlockLargerThanAFrame_IsCutIntoContinuations()
    {
        // Huffman makes it fit one frame on the way in; plain it does not.
        var stream = new ArrayBufferWriter<byte>();
        stream.Write(Preface);
        WriteHeaders(stream, 1, Block(18_000, huffman: true, again: false), 0, false, 1);
        List<Frame> frames = Pass(stream.WrittenSpan, 5000);
        Assert.Equal([(Headers, (byte)0), (Continuation, (byte)4)], frames.Select(f => (f.Type, f.Flags)));
        Assert.Equal(16_384, frames[0].Payload.Length);
        byte[] whole = [.. frames.SelectMany(f => f.Payload)];
        Assert.EndsWith(new string('v', 18_000), HpackTests.Text(new HpackDecoder(0, 1 << 20).Decode(whole)), StringComparison.Ordinal);
    }

    [Fact]
    public void Push_EndOfStreamOnHeaders_IsKept()
    {
        var stream = new ArrayBufferWriter<byte>();
        stream.Write(Preface);
        Write(stream, new Frame(Headers, 5, 3, [0x82]));
        Assert.Equal(5, Pass(stream.WrittenSpan, 1).Single().Flags);
    }

    [Fact]
    public void Push_NotHttp2OrOutOfOrder_IsRefused()
    {
        Assert.Throws<HpackException>(() => Pass("GET / HTTP/1.1\r\n\r\n"u8, 5));
        Frame[][] bad =
        [
            [new Frame(Continuation, 4, 1, [0x82])],
            [new Frame(Headers, 0, 1, [0x82]), new Frame(Data, 0, 1, [])],
            [new Frame(Headers, 0, 1, [0x82]), new Frame(Continuation, 4, 3, [0x82])],
            [new Frame(Headers, 4, 0, [0x82])],
            [new Frame(Headers, 4 | 8, 1, [200, 0x82])],
            [new Frame(Data, 0, 1, new byte[16_385])],
            [new Frame(Headers, 0, 1, new byte[16_384]), .. Enumerable.Repeat(new Frame(Continuation, 0, 1, new byte[16_384]), 4)],
        ];
        Assert.All(bad, frames => Assert.Throws<HpackException>(() =>
        {
            var stream = new ArrayBufferWriter<byte>();
            stream.Write(Preface);
            Array.ForEach(frames, f => Write(stream, f));
            Pass(stream.WrittenSpan, 1000);
        }));
    }

    // The first request puts the authority into the table, later ones name it from there.
    private static byte[] Block(int length, bool huffman, bool again)
    {
        var block = new ArrayBufferWriter<byte>();
        block.Write((byte[])[0x83]);
        if (again)
        {
            block.Write((byte[])[0xbe]);
        }
        else
        {
            block.Write((byte[])[0x41]);
            WriteText(block, "/run/swarm/swarm.sock"u8.ToArray(), huffman);
        }

        block.Write((byte[])[0x00]);
        WriteText(block, "x-long"u8.ToArray(), huffman);
        WriteText(block, Encoding.ASCII.GetBytes(new string('v', length)), huffman);
        return block.WrittenSpan.ToArray();
    }

    private static void WriteText(ArrayBufferWriter<byte> block, byte[] text, bool huffman)
    {
        byte[] bytes = huffman ? HpackHuffman.Encode(text) : text;
        byte mark = (byte)(huffman ? 0x80 : 0);
        int length = bytes.Length;
        if (length < 127)
        {
            block.Write((byte[])[(byte)(mark | length)]);
        }
        else
        {
            block.Write((byte[])[(byte)(mark | 127)]);
            for (length -= 127; length >= 128; length >>= 7)
            {
                block.Write((byte[])[(byte)(0x80 | (length & 0x7f))]);
            }

            block.Write((byte[])[(byte)length]);
        }

        block.Write(bytes);
    }

    private static void WriteHeaders(ArrayBufferWriter<byte> stream, uint id, byte[] block, int padding, bool priority, int pieces)
    {
        int size = Math.Max(1, (block.Length + pieces - 1) / pieces);
        byte[][] cuts = [.. block.Chunk(size)];
        for (int i = 0; i < cuts.Length; i++)
        {
            byte end = (byte)(i == cuts.Length - 1 ? 4 : 0);
            if (i > 0)
            {
                Write(stream, new Frame(Continuation, end, id, cuts[i]));
                continue;
            }

            byte flags = (byte)(end | (padding > 0 ? 8 : 0) | (priority ? 0x20 : 0));
            byte[] before = padding > 0 ? [(byte)padding] : [];
            byte[] weight = priority ? [0, 0, 0, 0, 16] : [];
            Write(stream, new Frame(Headers, flags, id, [.. before, .. weight, .. cuts[i], .. new byte[padding]]));
        }
    }

    private static void Write(ArrayBufferWriter<byte> stream, Frame frame)
    {
        byte[] header = new byte[9];
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)frame.Payload.Length << 8);
        header[3] = frame.Type;
        header[4] = frame.Flags;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(5), frame.Stream);
        stream.Write(header);
        stream.Write(frame.Payload);
    }

    private static List<Frame> Pass(ReadOnlySpan<byte> input, int cut)
    {
        var rewriter = new AuthorityRewriter();
        var output = new ArrayBufferWriter<byte>();
        while (!input.IsEmpty)
        {
            int count = Math.Min(cut, input.Length);
            rewriter.Push(input[..count], output);
            input = input[count..];
        }

        ReadOnlySpan<byte> passed = output.WrittenSpan;
        Assert.True(passed.StartsWith(Preface));
        passed = passed[Preface.Length..];
        var frames = new List<Frame>();
        while (!passed.IsEmpty)
        {
            int length = (passed[0] << 16) | (passed[1] << 8) | passed[2];
            frames.Add(new Frame(passed[3], passed[4], BinaryPrimitives.ReadUInt32BigEndian(passed[5..]), passed.Slice(9, length).ToArray()));
            passed = passed[(9 + length)..];
        }

        return frames;
    }

    private static HeaderField Field(string name, string value) => new(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
}
