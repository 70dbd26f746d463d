// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.EndToEnd.Tests;

/// <summary>Who reaches the control API of a real swarmd, and how.</summary>
[Collection(OneWorkerCluster.Name)]
public sealed class ControlConnectionTests(OneWorkerCluster fixture)
{
    private readonly TestCluster _cluster = fixture.Cluster;

    /// <summary>Go's gRPC names the path of the socket as :authority: raw in older versions, percent-encoded in newer ones.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Curl_PathOfTheSocketAsAuthority_ListsTheNodes(bool encoded)
    {
        string request = Path.Combine(_cluster.Directory, "empty-request");
        await File.WriteAllBytesAsync(request, new byte[5]);
        string authority = encoded ? Uri.EscapeDataString(_cluster.Socket) : _cluster.Socket;

        ToolResult curl = (await Tool.RunProgramAsync(
            "curl", null,
            "--http2", "--unix-socket", _cluster.Socket, "-k", "-s", "-S", "-i", "--max-time", "20", "-H", "Host: " + authority,
            "-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "@" + request,
            "https://localhost/docker.swarmkit.v1.Control/ListNodes")).Succeeded();

        Assert.Contains("HTTP/2 200", curl.Output, StringComparison.Ordinal);
        Assert.Contains("grpc-status: 0", curl.Output, StringComparison.Ordinal);
        Assert.Contains("node-1", curl.Output, StringComparison.Ordinal);
        Assert.Contains("node-2", curl.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Socket_IsForItsOwnerOnly() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_cluster.Socket));

    [Fact]
    public async Task WorkersCertificate_CallsAManagerMethod_IsDenied()
    {
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => ListNodesAsync("node-2", NodeRole.Worker));

        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    [Fact]
    public async Task ManagersCertificate_CallsTheSameMethod_IsAnswered() =>
        Assert.Equal(2, (await ListNodesAsync("node-1", NodeRole.Manager)).Nodes.Count);

    [Fact]
    public async Task NoCertificate_CallsAManagerMethod_IsDenied()
    {
        NodeCredentials worker = Credentials("node-2");
        await using IRpcConnection connection = new GrpcTransport()
            .CreateConnector(RpcTrust.RootOnly(worker.RootPem)).Connect(_cluster.Address, SwarmRoleNames.Manager);

        RpcException e = await Assert.ThrowsAsync<RpcException>(
            async () => await new Control.ControlClient(connection.Invoker).ListNodesAsync(new ListNodesRequest()));

        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    private async Task<ListNodesResponse> ListNodesAsync(string node, NodeRole role)
    {
        NodeCredentials credentials = Credentials(node);
        Assert.Equal(role, credentials.Role);
        await using IRpcConnection connection = new GrpcTransport()
            .CreateConnector(RpcTrust.Mutual(new NodeCredentialsSource(credentials))).Connect(_cluster.Address, SwarmRoleNames.Manager);
        return await new Control.ControlClient(connection.Invoker).ListNodesAsync(new ListNodesRequest());
    }

    private NodeCredentials Credentials(string node) =>
        new CertificateDirectory(Path.Combine(_cluster.StateOf(node), "certificates"), OperatingSystemCertificateIssuer.Instance).Load()!;
}
