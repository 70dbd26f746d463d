// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Tls.Tests;

/// <summary>A join and a renewal with real certificates over real connections.</summary>
public sealed class EnrollmentTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();
    private JoinToken _token = null!;
    private RpcServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _token = _cluster.Ca.CreateToken();
        var issued = new IssuedCertificates(_cluster, _token);
        _server = await _cluster.ServeAsync(o => o.RemoteServices =
            [CA.BindService(new RootService(_cluster)), NodeCA.BindService(new CertificateService(issued))]);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task JoinThenRenew_GivesWorkingCredentials()
    {
        NodeCredentials joined = await JoinAsync(_token);
        Assert.Equal(("joined", TestCluster.Id, NodeRole.Worker), (joined.NodeId, joined.Organization, joined.Role));
        Assert.Equal(_cluster.Ca.CertificatePem, joined.RootPem);

        NodeCredentials renewed = await Enroller().RenewAsync(
            Address, new NodeCredentialsSource(joined), new JoinOptions(), TestContext.Current.CancellationToken);
        Assert.Equal("joined", renewed.NodeId);
        Assert.NotEqual(joined.Pair.CertificatePem, renewed.Pair.CertificatePem);
    }

    [Fact]
    public async Task Join_TokenOfAnotherCluster_IsRefusedHere()
    {
        var e = await Assert.ThrowsAsync<SwarmException>(() => JoinAsync(new TestCluster().Ca.CreateToken()));
        Assert.Contains("does not belong to this cluster", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_RotatedToken_IsRefusedByTheManager()
    {
        var e = await Assert.ThrowsAsync<SwarmException>(() => JoinAsync(_cluster.Ca.CreateToken()));
        Assert.Contains("refused the join token", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_token.Text[^25..], e.ToString(), StringComparison.Ordinal);
    }

    private string Address() => _server.RemoteEndPoint!.ToString();

    private static NodeEnroller Enroller() => new(new GrpcTransport(), OperatingSystemCertificateIssuer.Instance, TimeProvider.System);

    private Task<NodeCredentials> JoinAsync(JoinToken token) =>
        Enroller().JoinAsync(Address, new JoinOptions { Token = token }, TestContext.Current.CancellationToken);

    private sealed class IssuedCertificates(TestCluster cluster, JoinToken token)
    {
        private readonly Dictionary<string, Certificate> _issued = [];

        public string Issue(IssueNodeCertificateRequest request, ICallerIdentity caller)
        {
            string id = caller.Role != CallerRole.None ? caller.NodeId
                : JoinToken.TextEquals(token.Text, request.Token) ? "joined"
                : throw new SwarmException(SwarmErrorCode.InvalidArgument, "A valid join token is necessary to join this cluster");
            ByteString certificate = cluster.Ca.IssueNodeCertificate(
                request.Csr, id, NodeRole.Worker, TestCluster.Id, TimeSpan.FromDays(1), DateTimeOffset.UtcNow);
            _issued[id] = new Certificate { Csr = request.Csr, Certificate_ = certificate };
            return id;
        }

        public NodeCertificateStatusResponse Status(string id) => new()
        {
            Status = new IssuanceStatus { State = IssuanceStatus.Types.State.Issued },
            Certificate = _issued[id],
        };
    }

    private sealed class RootService(TestCluster cluster) : CA.CABase
    {
        public override Task<GetRootCACertificateResponse> GetRootCACertificate(
            GetRootCACertificateRequest request, ServerCallContext context) =>
            Task.FromResult(new GetRootCACertificateResponse { Certificate = cluster.Ca.CertificatePem });
    }

    private sealed class CertificateService(IssuedCertificates issued) : NodeCA.NodeCABase
    {
        public override Task<IssueNodeCertificateResponse> IssueNodeCertificate(
            IssueNodeCertificateRequest request, ServerCallContext context) =>
            Task.FromResult(new IssueNodeCertificateResponse { NodeId = issued.Issue(request, context.GetCaller()) });

        public override Task<NodeCertificateStatusResponse> NodeCertificateStatus(
            NodeCertificateStatusRequest request, ServerCallContext context) =>
            Task.FromResult(issued.Status(request.NodeId));
    }
}
