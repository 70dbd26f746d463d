// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Client.Tests.Swarmctl;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2160h0m0s", 7_776_000_000)]
    [InlineData("300ms", 300)]
    [InlineData("-2m", -120_000)]
    [InlineData("+.5m", 30_000)]
    public void TryParse_Duration_IsRead(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("5x")]
    [InlineData("1..5s")]
    [InlineData("--5s")]
    [InlineData("1h-5m")]
    [InlineData("99999999999999999999h")]
    [InlineData("9223372036855h")]
    public void TryParse_NoDuration_IsRefused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(5_000, "5s")]
    [InlineData(90_000, "1m30s")]
    [InlineData(7_776_000_000, "2160h0m0s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(300, "300ms")]
    [InlineData(-61_000, "-1m1s")]
    public void Format_Duration_IsAsGoPrintsIt(long milliseconds, string text) =>
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Format_ThenParse_GivesTheSame() => Gen.Long[-922_337_203_685_477_580, 922_337_203_685_477_580].Sample(ticks =>
        GoDuration.TryParse(GoDuration.Format(TimeSpan.FromTicks(ticks)), out TimeSpan back) && back.Ticks == ticks);
}
