// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting.Tests;

/// <summary>What a node keeps on its disk, and what happens when the disk refuses.</summary>
public sealed class NodeStateDirectoryFailureTests : IDisposable
{
    private static readonly OperatingSystemCertificateIssuer Issuer = new();
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Constructor_BelowAFile_SaysThatItCannotBeMade()
    {
        File.WriteAllText(_temporary.At("file"), "");

        SwarmException e = Assert.Throws<SwarmException>(() => new NodeStateDirectory(_temporary.At("file/state"), Issuer));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("file/state cannot be made", e.Message, StringComparison.Ordinal);
        Assert.Contains("choose another (swarmd --state-dir DIR)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_LockCannotBeOpened_SaysNotWritable()
    {
        Directory.CreateDirectory(_temporary.At("state/lock"));

        SwarmException e = Assert.Throws<SwarmException>(() => new NodeStateDirectory(_temporary.At("state"), Issuer));

        Assert.Contains("is not writable for this user", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_InUse_SaysSo_UntilTheOtherIsDisposed()
    {
        var first = new NodeStateDirectory(_temporary.At("state"), Issuer);

        SwarmException e = Assert.Throws<SwarmException>(() => new NodeStateDirectory(_temporary.At("state"), Issuer));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("is in use by another node: stop that one", e.Message, StringComparison.Ordinal);

        first.Dispose();
        new NodeStateDirectory(_temporary.At("state"), Issuer).Dispose();
    }

    [Fact]
    public void Load_OfAnotherCluster_IsRefused()
    {
        using var state = new NodeStateDirectory(_temporary.At("state"), Issuer);
        state.Save(ClusterCa.Create(Issuer, Now).IssueCredentials("node", NodeRole.Worker, "cluster", TimeSpan.FromDays(1), Now));

        SwarmException e = Assert.Throws<SwarmException>(() => state.Load(ClusterCa.Create(Issuer, Now).CreateToken()));

        Assert.Contains("belongs to another cluster than the join token", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Corrupt_IsRefused()
    {
        using var state = new NodeStateDirectory(_temporary.At("state"), Issuer);
        state.Save(ClusterCa.Create(Issuer, Now).IssueCredentials("node", NodeRole.Worker, "cluster", TimeSpan.FromDays(1), Now));
        File.WriteAllText(Path.Combine(state.File("certificates"), CertificateDirectory.CertificateFile), "nonsense");

        SwarmException e = Assert.Throws<SwarmException>(() => state.Load(null));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
    }

    [Fact]
    public void Managers_AreKept()
    {
        using (var state = new NodeStateDirectory(_temporary.At("state"), Issuer))
        {
            Assert.Empty(state.LoadManagers());
            state.SaveManagers(["a:1", "b:2"]);
        }

        using var again = new NodeStateDirectory(_temporary.At("state"), Issuer);
        Assert.Equal(["a:1", "b:2"], again.LoadManagers());
    }

    [Fact]
    public void SaveManagers_DiskRefuses_IsASwarmException()
    {
        using var state = new NodeStateDirectory(_temporary.At("state"), Issuer);
        Directory.CreateDirectory(state.File("managers.new"));

        SwarmException e = Assert.Throws<SwarmException>(() => state.SaveManagers(["a:1"]));

        Assert.Contains("managers cannot be read or written", e.Message, StringComparison.Ordinal);
    }
}
