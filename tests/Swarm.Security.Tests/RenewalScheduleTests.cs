// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Core;

namespace Swarm.Security.Tests;

public class RenewalScheduleTests
{
    [Fact]
    public void Next_AnyLife_IsWithinFiftyAndEightyPercent() => Gen.Select(Gen.ULong, Gen.Long[3600, 864_000_00]).Sample((seed, seconds) =>
    {
        DateTimeOffset end = TestTime.Now.AddSeconds(seconds);
        double part = (RenewalSchedule.Next(TestTime.Now, end, new SeededRandom(seed)) - TestTime.Now) / (end - TestTime.Now);
        return part is >= 0.5 and <= 0.8;
    });

    [Fact]
    public void Next_ManyNodes_AreSpread()
    {
        var random = new SeededRandom(1);
        double[] parts = [.. Enumerable.Range(0, 1000).Select(_ =>
            (RenewalSchedule.Next(TestTime.Now, TestTime.Now.AddDays(90), random) - TestTime.Now) / TimeSpan.FromDays(90))];
        Assert.True(parts.Min() < 0.51 && parts.Max() > 0.79);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(5, 80)]
    [InlineData(11, 3600)]
    [InlineData(int.MaxValue, 3600)]
    public void RetryAfter_Failures_DoublesUpToAnHour(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RenewalSchedule.RetryAfter(failures));
}
