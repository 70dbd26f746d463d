// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using CsCheck;

namespace Swarm.Core.Tests;

public sealed class SwarmIdTests
{
    [Fact]
    public void Format_AllZero_SetsTheTopBitAndDropsTheFirstDigit()
    {
        // 2^135 in base 36 has 27 digits; computed here by plain division.
        BigInteger value = BigInteger.One << 135;
        string digits = "";
        while (!value.IsZero)
        {
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(value % 36)] + digits;
            value /= 36;
        }

        Assert.Equal(27, digits.Length);
        Assert.Equal(digits[1..26], SwarmId.Format(new byte[17]));
    }

    [Fact]
    public void Format_AnyBytes_IsAnId() => Gen.Byte.Array[17].Sample(bytes =>
    {
        string id = SwarmId.Format(bytes);
        Assert.Equal(SwarmId.Length, id.Length);
        Assert.True(SwarmId.IsValid(id));
    });

    [Theory]
    [InlineData(16)]
    [InlineData(18)]
    public void Format_WrongLength_IsRefused(int length) => Assert.Throws<ArgumentException>(() => SwarmId.Format(new byte[length]));

    [Theory]
    [InlineData("tqr7m0asrpeqxzhkxm08ikz6z", true)]
    [InlineData("tqr7m0asrpeqxzhkxm08ikz6", false)]
    [InlineData("tqr7m0asrpeqxzhkxm08ikz6zz", false)]
    [InlineData("Tqr7m0asrpeqxzhkxm08ikz6z", false)]
    [InlineData("tqr7m0asrpeqxzhkxm08ik-6z", false)]
    [InlineData("", false)]
    public void IsValid_KnowsTheForm(string text, bool valid) => Assert.Equal(valid, SwarmId.IsValid(text));

    [Fact]
    public void SeededSource_SameSeed_SameIds()
    {
        var a = new SeededIdSource(new SeededRandom(5));
        var b = new SeededIdSource(new SeededRandom(5));

        string[] ids = [.. Enumerable.Range(0, 1000).Select(_ => a.NewId())];

        Assert.Equal(ids, Enumerable.Range(0, 1000).Select(_ => b.NewId()));
        Assert.Equal(1000, ids.Distinct().Count());
    }

    [Fact]
    public void SystemSource_DoesNotRepeat() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => SystemIdSource.Instance.NewId()).Distinct().Count());

    [Fact]
    public void Base36_PadsToTheWidth()
    {
        Assert.Equal("00000", Base36.Format([], 5));
        Assert.Equal("0000z", Base36.Format([35], 5));
        Assert.Equal("00010", Base36.Format([36], 5));
        Assert.Equal("1ekv", Base36.Format([1, 0, 0x0f], 2));
    }
}
