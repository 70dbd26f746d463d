// SPDX-License-Identifier: Apache-2.0
#pragma warning disable xUnit1031 // One thread runs all: what is asked for a result has ended.
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc.Tests;

/// <summary>Join and renewal over the in-memory network, against a small certificate service.</summary>
public class NodeEnrollerTests
{
    private readonly TestNetwork _net = new();
    private readonly JoinToken _token;
    private readonly SmallCa _service;

    public NodeEnrollerTests()
    {
        _token = _net.Ca.CreateToken();
        _service = new SmallCa(_net, _token);
    }

    [Fact]
    public void Join_RightToken_GivesCredentials()
    {
        Listen();
        NodeCredentials credentials = _net.Run(() => JoinAsync(_token)).GetAwaiter().GetResult();
        Assert.Equal(("new-node", "c1", NodeRole.Worker), (credentials.NodeId, credentials.Organization, credentials.Role));
        Assert.Equal([CallerRole.None], _service.Callers.Distinct());
    }

    [Fact]
    public void Join_TokenOfAnotherCluster_FailsWithoutSendingIt()
    {
        Listen();
        JoinToken other = ClusterCa.Create(_net.Issuer, _net.Clock.GetUtcNow()).CreateToken();
        SwarmException e = Assert.Throws<SwarmException>(() => _net.Run(() => JoinAsync(other)).GetAwaiter().GetResult());
        Assert.Equal(SwarmErrorCode.PermissionDenied, e.Code);
        Assert.Empty(_service.Callers);
    }

    [Fact]
    public void Join_RotatedToken_IsRefusedAtOnce()
    {
        Listen();
        SwarmException e = Assert.Throws<SwarmException>(() => _net.Run(() => JoinAsync(_net.Ca.CreateToken())).GetAwaiter().GetResult());
        Assert.Contains("refused the join token", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_ManagerComesUpLate_IsRetried()
    {
        Task<NodeCredentials> join = _net.Run(() => JoinAsync(_token));
        Assert.False(join.IsCompleted);
        Listen();
        _net.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("new-node", join.GetAwaiter().GetResult().NodeId);
    }

    [Fact]
    public void Join_NobodyThere_FailsAfterFiveTries()
    {
        Task<NodeCredentials> join = _net.Run(() => JoinAsync(_token));
        for (int i = 0; i < 4; i++)
        {
            Assert.False(join.IsCompleted);
            _net.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Contains("nobody listens there", Assert.Throws<SwarmException>(() => join.GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Renew_OwnCertificate_ProvesWhoAsks()
    {
        Listen();
        var current = new NodeCredentialsSource(_net.Issue("w1", NodeRole.Worker));
        NodeCredentials renewed = _net.Run(() => Enroller().RenewAsync(
            () => TestNetwork.Address, current, new JoinOptions(), CancellationToken.None)).GetAwaiter().GetResult();
        Assert.Equal("w1", renewed.NodeId);
        Assert.NotEqual(current.Current!.Pair.KeyPem, renewed.Pair.KeyPem);
        Assert.Equal([CallerRole.Worker], _service.Callers.Distinct());
    }

    [Fact]
    public void Join_GivenUp_IsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        Task<NodeCredentials> join = _net.Run(() => Enroller().JoinAsync(
            () => TestNetwork.Address, new JoinOptions { Token = _token }, cancel.Token));
        cancel.Cancel();
        _net.Drain();
        Assert.True(join.IsCanceled);
    }

    private void Listen() => _net.ServerHost.Listen(
        TestNetwork.Address, [CA.BindService(_service), NodeCA.BindService(new SmallNodeCa(_service))], _net.Credentials, _net.ServerMailbox);

    private NodeEnroller Enroller() => new(_net.ClientHost, _net.Issuer, _net.Clock);

    private Task<NodeCredentials> JoinAsync(JoinToken token) =>
        Enroller().JoinAsync(() => TestNetwork.Address, new JoinOptions { Token = token }, CancellationToken.None);

    private sealed class SmallCa(TestNetwork net, JoinToken token) : CA.CABase
    {
        private readonly Dictionary<string, Certificate> _issued = [];

        public List<CallerRole> Callers { get; } = [];

        public override Task<GetRootCACertificateResponse> GetRootCACertificate(GetRootCACertificateRequest request, ServerCallContext context) =>
            Task.FromResult(new GetRootCACertificateResponse { Certificate = net.Ca.CertificatePem });

        public IssueNodeCertificateResponse Issue(IssueNodeCertificateRequest request, ICallerIdentity caller)
        {
            Callers.Add(caller.Role);
            string id = caller.Role != CallerRole.None ? caller.NodeId
                : JoinToken.TextEquals(token.Text, request.Token) ? "new-node"
                : throw new SwarmException(SwarmErrorCode.InvalidArgument, "A valid join token is necessary to join this cluster");
            ByteString certificate = net.Ca.IssueNodeCertificate(
                request.Csr, id, NodeRole.Worker, "c1", TimeSpan.FromDays(1), net.Clock.GetUtcNow());
            _issued[id] = new Certificate { Csr = request.Csr, Certificate_ = certificate, Cn = id };
            return new IssueNodeCertificateResponse { NodeId = id };
        }

        public NodeCertificateStatusResponse Status(string id) => new()
        {
            Status = new IssuanceStatus { State = IssuanceStatus.Types.State.Issued },
            Certificate = _issued[id],
        };
    }

    private sealed class SmallNodeCa(SmallCa ca) : NodeCA.NodeCABase
    {
        public override Task<IssueNodeCertificateResponse> IssueNodeCertificate(IssueNodeCertificateRequest request, ServerCallContext context) =>
            Task.FromResult(ca.Issue(request, context.GetCaller()));

        public override Task<NodeCertificateStatusResponse> NodeCertificateStatus(NodeCertificateStatusRequest request, ServerCallContext context) =>
            Task.FromResult(ca.Status(request.NodeId));
    }
}
