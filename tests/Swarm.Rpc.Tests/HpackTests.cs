// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;
using CsCheck;
using Swarm.Rpc.Http2;

namespace Swarm.Rpc.Tests;

/// <summary>The examples of RFC 7541, Appendix C, are facts about the format; the tests around them are ours.</summary>
public class HpackTests
{
    // C.4: three requests of one connection, Huffman coded; then what the dynamic table holds.
    [Theory]
    [InlineData(
        new[]
        {
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        },
        "custom-key: custom-value, cache-control: no-cache, :authority: www.example.com", 164)]
    [InlineData(
        new[]
        {
            "828684410f7777772e6578616d706c652e636f6d",
            "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        },
        "custom-key: custom-value, cache-control: no-cache, :authority: www.example.com", 164)]
    public void Decode_RequestsOfAppendixC_GiveTheirHeadersAndTable(string[] blocks, string table, int size)
    {
        var decoder = new HpackDecoder(4096, 64 * 1024);
        string[] expected =
        [
            ":method: GET, :scheme: http, :path: /, :authority: www.example.com",
            ":method: GET, :scheme: http, :path: /, :authority: www.example.com, cache-control: no-cache",
            ":method: GET, :scheme: https, :path: /index.html, :authority: www.example.com, custom-key: custom-value",
        ];
        Assert.Equal(expected, blocks.Select(b => Text(decoder.Decode(Convert.FromHexString(b)))));
        Assert.Equal(table, Text(decoder.Table));
        Assert.Equal(size, decoder.TableSize);
    }

    // C.5 and C.6: responses with a table of 256 bytes, so that entries are evicted.
    [Theory]
    [InlineData(
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        "4803333037c1c0bf",
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31")]
    [InlineData(
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        "4883640effc1c0bf",
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007")]
    public void Decode_ResponsesOfAppendixC_EvictAsTheRfcSays(string first, string second, string third)
    {
        var decoder = new HpackDecoder(256, 64 * 1024);
        const string Date = "date: Mon, 21 Oct 2013 20:13:21 GMT";
        const string Location = "location: https://www.example.com";
        Assert.Equal(
            $":status: 302, cache-control: private, {Date}, {Location}", Text(decoder.Decode(Convert.FromHexString(first))));
        Assert.Equal(222, decoder.TableSize);
        Assert.Equal($":status: 307, cache-control: private, {Date}, {Location}", Text(decoder.Decode(Convert.FromHexString(second))));
        Assert.Equal(222, decoder.TableSize);
        Assert.Equal(
            ":status: 200, cache-control: private, date: Mon, 21 Oct 2013 20:13:22 GMT, " + Location
            + ", content-encoding: gzip, set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            Text(decoder.Decode(Convert.FromHexString(third))));
        Assert.Equal(215, decoder.TableSize);
        Assert.Equal(3, decoder.Table.Count);
    }

    // C.2: literals with and without indexing, and never indexed.
    [Fact]
    public void Decode_LiteralsOfAppendixC_IndexAsMarked()
    {
        var decoder = new HpackDecoder(4096, 64 * 1024);
        Assert.Equal("custom-key: custom-header", Text(decoder.Decode(Convert.FromHexString("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))));
        Assert.Equal(55, decoder.TableSize);
        Assert.Equal(":path: /sample/path", Text(decoder.Decode(Convert.FromHexString("040c2f73616d706c652f70617468"))));
        HeaderField secret = decoder.Decode(Convert.FromHexString("100870617373776f726406736563726574")).Single();
        Assert.True(secret.IsSensitive);
        Assert.Equal(55, decoder.TableSize);
    }

    [Theory]
    [InlineData("80", "index 0")]
    [InlineData("be", "entry of an empty table")]
    [InlineData("ff80808080", "number without end")]
    [InlineData("ffffffffff7f", "number too large")]
    [InlineData("400a6375", "text cut off")]
    [InlineData("40", "nothing after the mark")]
    [InlineData("3fe21f", "table larger than allowed (4097)")]
    [InlineData("8220", "change of table size after a header")]
    [InlineData("0081ff00", "padding of eight ones")]
    [InlineData("008100", "padding of zeros")]
    [InlineData("0084ffffffff", "end of string inside")]
    public void Decode_Damaged_IsRefused(string block, string why) =>
        Assert.True(Record.Exception(() => new HpackDecoder(4096, 4096).Decode(Convert.FromHexString(block))) is HpackException, why);

    [Fact]
    public void Decode_AnyBytes_NeverFailsOtherwise() => Gen.Byte.Array[0, 60].Sample(block =>
    {
        try
        {
            var decoder = new HpackDecoder(4096, 4096);
            decoder.Decode(block);
            return decoder.TableSize <= 4096;
        }
        catch (HpackException)
        {
            return true;
        }
    });

    [Fact]
    public void Decode_HeadersBeyondTheBound_AreRefused()
    {
        // One entry of the table, named again and again: small on the wire, large when decoded.
        byte[] block = [.. Convert.FromHexString("400161").Concat(new byte[] { 100 }).Concat(new byte[100]).Concat(Enumerable.Repeat((byte)0xbe, 100))];
        Assert.Throws<HpackException>(() => new HpackDecoder(4096, 4096).Decode(block));
        Assert.Equal(101, new HpackDecoder(4096, 64 * 1024).Decode(block).Count);
    }

    [Fact]
    public void Huffman_AnyBytes_RoundTrip() =>
        Gen.Byte.Array[0, 300].Sample(text => HpackHuffman.Decode(HpackHuffman.Encode(text)).AsSpan().SequenceEqual(text));

    [Fact]
    public void Huffman_ExamplesOfAppendixC_EncodeToTheirBytes()
    {
        Assert.Equal("f1e3c2e5f23a6ba0ab90f4ff", Convert.ToHexStringLower(HpackHuffman.Encode("www.example.com"u8)));
        Assert.Equal("d07abe941054d444a8200595040b8166e082a62d1bff",
            Convert.ToHexStringLower(HpackHuffman.Encode("Mon, 21 Oct 2013 20:13:21 GMT"u8)));
    }

    [Fact]
    public void Encode_AnyHeaders_DecodeBackWithoutATable() => Gen.Select(Gen.Byte.Array[1, 400], Gen.Byte.Array[0, 400], Gen.Bool).List[0, 10]
        .Sample(headers =>
        {
            var output = new ArrayBufferWriter<byte>();
            foreach ((byte[] name, byte[] value, bool sensitive) in headers)
            {
                HpackEncoder.Encode(new HeaderField(name, value, sensitive), output);
            }

            var decoder = new HpackDecoder(0, 1 << 20);
            List<HeaderField> back = decoder.Decode(output.WrittenSpan);
            return decoder.TableSize == 0 && back.Count == headers.Count && back.Zip(headers).All(p =>
                p.First.Name.SequenceEqual(p.Second.Item1) && p.First.Value.SequenceEqual(p.Second.Item2)
                && p.First.IsSensitive == p.Second.Item3);
        });

    internal static string Text(IEnumerable<HeaderField> fields) =>
        string.Join(", ", fields.Select(f => $"{Encoding.UTF8.GetString(f.Name)}: {Encoding.UTF8.GetString(f.Value)}"));
}
