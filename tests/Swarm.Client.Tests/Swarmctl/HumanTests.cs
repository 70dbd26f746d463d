// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Client.Tests.Swarmctl;

public sealed class HumanTests
{
    [Theory]
    [InlineData(0.5, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(30, "30 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(179, "2 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(7200, "2 hours")]
    [InlineData(3 * 86400, "3 days")]
    [InlineData(21 * 86400, "3 weeks")]
    [InlineData(90 * 86400, "3 months")]
    [InlineData(1000 * 86400, "2 years")]
    public void Span_OneUnit(double seconds, string text) => Assert.Equal(text, Human.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(25_769_803_776, "24 GiB")]
    public void Bytes_UnitsOf1024(long bytes, string text) => Assert.Equal(text, Human.Bytes(bytes));

    [Theory]
    [InlineData(2_000_000_000, "2")]
    [InlineData(500_000_000, "0.5")]
    public void Cpus_FromNanos(long nanos, string text) => Assert.Equal(text, Human.Cpus(nanos));

    [Theory]
    [InlineData(141_219_632, "2026-11-23T15:26:30.141219632Z")]
    [InlineData(140_000_000, "2026-11-23T15:26:30.14Z")]
    [InlineData(0, "2026-11-23T15:26:30Z")]
    public void Moment_AsRfc3339(int nanos, string text) =>
        Assert.Equal(text, Human.Moment(new Timestamp { Seconds = 1_795_447_590, Nanos = nanos }));
}
