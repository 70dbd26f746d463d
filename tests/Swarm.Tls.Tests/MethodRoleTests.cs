// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Tls.Tests;

/// <summary>Every method, called by everybody, against a real server.</summary>
public sealed class MethodRoleTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();
    private RpcServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await _cluster.ServeAsync(o => o.IsBlacklisted = static id => id == "removed");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Table_HoldsEveryKindOfRule() =>
        Assert.Equal(3, MethodRoles.All.Values.Distinct().Count());

    [Fact]
    public Task NoCertificate_MayOnlyJoin() =>
        CheckAsync(RpcTrust.RootOnly(_cluster.Ca.CertificatePem), a => a.HasFlag(AllowedCallers.Anyone), "None||");

    [Fact]
    public Task NoCertificateAndNoRoot_MayOnlyJoin() =>
        CheckAsync(RpcTrust.Unverified, a => a.HasFlag(AllowedCallers.Anyone), "None||");

    [Fact]
    public Task Worker_MayCallWhatWorkersMay() =>
        CheckAsync(With(_cluster.Issue("worker1", NodeRole.Worker)), a => a.HasFlag(AllowedCallers.Worker), "Worker|worker1|");

    [Fact]
    public Task Manager_MayCallAll() =>
        CheckAsync(With(_cluster.Issue("manager2", NodeRole.Manager)), a => a.HasFlag(AllowedCallers.Manager), "Manager|manager2|");

    [Fact]
    public Task RemovedNode_MayOnlyJoin() =>
        CheckAsync(With(_cluster.Issue("removed", NodeRole.Manager)), a => a.HasFlag(AllowedCallers.Anyone), "None||", "was removed");

    [Fact]
    public Task CertificateOfAnotherOrganization_MayOnlyJoin() => CheckAsync(
        With(_cluster.Issue("manager2", NodeRole.Manager, "cluster2")), a => a.HasFlag(AllowedCallers.Anyone), "None||", "not part of organization");

    [Fact]
    public Task CertificateOfAnotherAuthority_IsRefusedByTheConnection() =>
        CheckRefusedAsync(_cluster.Foreign(new TestCluster().Ca, "manager2", NodeRole.Manager));

    [Fact]
    public Task CertificateOfRogueAuthorityOfTheSameName_IsRefusedByTheConnection() =>
        CheckRefusedAsync(_cluster.Foreign(_cluster.Rogue(), "manager1", NodeRole.Manager));

    [Fact]
    public Task ExpiredCertificate_IsRefusedByTheConnection() =>
        CheckRefusedAsync(_cluster.Issue("manager2", NodeRole.Manager, now: DateTimeOffset.UtcNow.AddDays(-2)));

    private static RpcTrust With(NodeCredentials credentials) => RpcTrust.Mutual(new NodeCredentialsSource(credentials));

    private async Task CheckAsync(RpcTrust trust, Func<AllowedCallers, bool> allows, string caller, string reason = "")
    {
        await using IRpcConnection connection = TestCluster.Connect(_server, trust);
        foreach ((string method, AllowedCallers allowed) in MethodRoles.All.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            if (allows(allowed))
            {
                Assert.StartsWith(caller, await TestCluster.CallAsync(connection, method), StringComparison.Ordinal);
            }
            else
            {
                var e = await Assert.ThrowsAsync<RpcException>(() => TestCluster.CallAsync(connection, method));
                Assert.Equal((method, StatusCode.PermissionDenied), (method, e.StatusCode));
                Assert.StartsWith("Permission denied", e.Status.Detail, StringComparison.Ordinal);
                Assert.Contains(reason, e.Status.Detail, StringComparison.Ordinal);
            }
        }
    }

    private async Task CheckRefusedAsync(NodeCredentials credentials)
    {
        foreach (string method in MethodRoles.All.Keys.Order(StringComparer.Ordinal))
        {
            // A connection each: the refusal must not depend on the method, nor on what was tried before.
            await using IRpcConnection connection = TestCluster.Connect(_server, With(credentials));
            var e = await Assert.ThrowsAsync<RpcException>(() => TestCluster.CallAsync(connection, method));
            SwarmException error = RpcErrors.ToSwarmException(e);
            Assert.True(error.Code == SwarmErrorCode.Unauthenticated, error.ToString());
            Assert.Contains("refused this node's certificate", error.Message, StringComparison.Ordinal);
        }
    }
}
