// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core.Tests;

public sealed class SteadyClockTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Machine _machine = new();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(24)]
    public void Now_ClockIsSet_CountsWhatPasses(int hours)
    {
        var clock = new SteadyClock(_machine);
        _machine.Pass(TimeSpan.FromSeconds(3));
        _machine.Set(TimeSpan.FromHours(hours));
        _machine.Pass(TimeSpan.FromSeconds(4));

        Assert.Equal(Begin.AddSeconds(7), clock.Now);
    }

    [Fact]
    public void Stamp_ClockIsSetForward_IsFollowedAtOnce()
    {
        var clock = new SteadyClock(_machine);
        Assert.Equal(Begin, clock.Stamp);

        _machine.Set(TimeSpan.FromHours(1));

        Assert.Equal(Begin.AddHours(1), clock.Stamp);
    }

    [Fact]
    public void Stamp_ClockIsSetBack_GoesOnSlowerUntilTheyAgree()
    {
        var clock = new SteadyClock(_machine);
        _machine.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(Begin.AddSeconds(10), clock.Stamp);

        _machine.Set(TimeSpan.FromSeconds(-10));
        Assert.Equal(Begin.AddSeconds(10), clock.Stamp);
        _machine.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(Begin.AddSeconds(19), clock.Stamp);
        _machine.Pass(TimeSpan.FromSeconds(200));

        Assert.Equal(_machine.GetUtcNow(), clock.Stamp);
        Assert.Equal(Begin.AddSeconds(210), clock.Stamp);
    }

    [Fact]
    public void Stamp_ClockIsNeverSet_IsTheClock()
    {
        var clock = new SteadyClock(_machine);
        for (var i = 0; i < 1000; i++)
        {
            _machine.Pass(TimeSpan.FromTicks(i * 7919));
            Assert.Equal(_machine.GetUtcNow(), clock.Stamp);
            Assert.Equal(_machine.GetUtcNow(), clock.Now);
        }
    }

    private sealed class Machine : TimeProvider
    {
        private TimeSpan _passed;
        private TimeSpan _set;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time) => _passed += time;

        public void Set(TimeSpan by) => _set += by;

        public override long GetTimestamp() => _passed.Ticks;

        public override DateTimeOffset GetUtcNow() => Begin + _passed + _set;
    }
}
