// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Orchestration.Tests.Support;

namespace Swarm.Orchestration.Tests;

/// <summary>Certificates of removed nodes are barred until nobody can use them, and not for ever.</summary>
public sealed class BlacklistTests : IAsyncDisposable
{
    private readonly World _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Entries_LeaveTheListSevenDaysAfterTheyExpired()
    {
        Bar("gone-1", days: 10);
        Bar("gone-2", days: 20);
        Wait(days: 16.9);
        Assert.Equal(["gone-1", "gone-2"], Barred());

        Wait(days: 0.2);
        Assert.Equal(["gone-2"], Barred());
        Wait(days: 10);
        Assert.Empty(Barred());
        Assert.True(_world.Writer.Counters.IsAtRest);
    }

    [Fact]
    public void Entries_OfAnEarlierReign_LeaveToo()
    {
        Bar("gone", days: 1);
        _world.NewReign();
        Wait(days: 9);
        Assert.Empty(Barred());
    }

    [Fact]
    public void Entries_WithoutATime_Stay()
    {
        Bar("gone-1", days: 1);
        Bar("gone-2", new BlacklistedCertificate());
        Bar("gone-3", new BlacklistedCertificate { Expiry = new Timestamp { Seconds = long.MaxValue } });
        Bar("gone-4", new BlacklistedCertificate { Expiry = Timestamp.FromDateTimeOffset(DateTimeOffset.MaxValue) });
        Wait(days: 9);
        Assert.Equal(["gone-2", "gone-3", "gone-4"], Barred());
        Assert.True(_world.Writer.IsLeading);
    }

    private void Bar(string node, double days) => Bar(
        node, new BlacklistedCertificate { Expiry = Timestamp.FromDateTimeOffset(_world.Time.GetUtcNow().AddDays(days)) });

    private void Bar(string node, BlacklistedCertificate entry) => _world.Do(tx =>
    {
        Cluster cluster = tx.Get<Cluster>(World.Cluster)!;
        tx.Update(cluster.WithBlacklistedCertificates(cluster.BlacklistedCertificates.Append(new(node, entry))));
    });

    private void Wait(double days)
    {
        for (; days > 0; days--)
        {
            _world.Time.Advance(TimeSpan.FromDays(Math.Min(days, 1)));
            _world.Mailbox.Pump();
        }
    }

    private IEnumerable<string> Barred() =>
        _world.View.Get<Cluster>(World.Cluster)!.BlacklistedCertificates.Keys.Order(StringComparer.Ordinal);
}
