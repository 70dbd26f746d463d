// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Google.Protobuf;
using Swarm.Core;

namespace Swarm.Security.Tests;

public class JoinTokenTests
{
    // Computed by hand with another program: SHA-256 of "root\n" and the bytes 0 to 15, both in base 36.
    private const string Golden = "SWMTKN-1-22jyp2hzoj7mkvyfoolduv30v8slh75qgw0oltki1ev2ksr3iy-000avh9he7dy896m08s18udxr";
    private static readonly ByteString Root = ByteString.CopyFromUtf8("root\n");

    [Fact]
    public void Create_KnownRootAndSecret_GivesGoldenText()
    {
        byte[] secret = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        Assert.Equal(Golden, JoinToken.Create(Root, secret).Text);
    }

    [Fact]
    public void Create_AnySecret_ParsesBackAndMatchesItsRootOnly() => Gen.Byte.Array[16].Sample(secret =>
    {
        JoinToken token = JoinToken.Parse(" " + JoinToken.Create(Root, secret).Text + "\n");
        return token.Text.Length == 9 + 50 + 1 + 25 && token.Matches(Root) && !token.Matches(ByteString.CopyFromUtf8("other"));
    });

    [Theory]
    [InlineData(null, "a join token is needed")]
    [InlineData("  ", "a join token is needed")]
    [InlineData("hello", "does not start with SWMTKN-")]
    [InlineData("SWMTKN", "cut short")]
    [InlineData("SWMTKN-1-abc", "cut short")]
    [InlineData("SWMTKN-7-a-b", "version '7'")]
    [InlineData("SWMTKN-1-abc-def", "its digest has 3 characters, not 50")]
    [InlineData("SWMTKN-2-5-abc-def", "FIPS mark")]
    [InlineData("SWMTKN-2-1-abc-def", "FIPS mode")]
    public void Parse_Bad_SaysWhat(string? text, string expected)
    {
        var e = Assert.Throws<SwarmException>(() => JoinToken.Parse(text));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Parse_AnyTruncation_IsRefusedAndNeverRepeated()
    {
        for (int length = 1; length < Golden.Length; length++)
        {
            string cut = Golden[..length];
            var e = Assert.Throws<SwarmException>(() => JoinToken.Parse(cut));
            Assert.Equal(SwarmErrorCode.InvalidArgument, e.Code);
            if (length > 62)
            {
                Assert.DoesNotContain(cut[60..], e.Message, StringComparison.Ordinal);
            }
        }

        Assert.Throws<SwarmException>(() => JoinToken.Parse(Golden + "0"));
        Assert.Throws<SwarmException>(() => JoinToken.Parse(Golden + "-0"));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(70)]
    public void Parse_WrongAlphabet_IsRefused(int at)
    {
        foreach (char bad in "A!é ")
        {
            string damaged = Golden[..at] + bad + Golden[(at + 1)..];
            Assert.Contains("damaged", Assert.Throws<SwarmException>(() => JoinToken.Parse(damaged)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Parse_VersionTwoWithoutFips_IsTaken()
    {
        var token = JoinToken.Parse(Golden.Replace("SWMTKN-1-", "SWMTKN-2-0-", StringComparison.Ordinal));
        Assert.True(token.Matches(Root));
    }

    [Fact]
    public void CheckRoot_OtherCluster_IsPermissionDenied()
    {
        var e = Assert.Throws<SwarmException>(() => JoinToken.Parse(Golden).CheckRoot(ByteString.CopyFromUtf8("root")));
        Assert.Equal(SwarmErrorCode.PermissionDenied, e.Code);
    }

    [Fact]
    public void ToString_HidesTheSecret() => Assert.DoesNotContain(Golden[^25..], JoinToken.Parse(Golden).ToString(), StringComparison.Ordinal);

    [Fact]
    public void TextEquals_EmptyOrDifferent_IsFalse()
    {
        Assert.True(JoinToken.TextEquals(Golden, Golden));
        Assert.False(JoinToken.TextEquals("", ""));
        Assert.False(JoinToken.TextEquals(Golden, Golden[..^1]));
        Assert.False(JoinToken.TextEquals(Golden, ""));
    }
}
