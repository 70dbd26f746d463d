// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;
using Issuance = Swarm.Api.IssuanceStatus.Types.State;

namespace Swarm.Manager.Tests.Ca;

public sealed class CertificateWritesTests
{
    private static readonly SimulatedCertificateIssuer Issuer = new(new SeededRandom(3));

    private readonly TestState _state = new();
    private readonly ClusterCa _ca = ClusterCa.Create(Issuer, DateTimeOffset.UnixEpoch);
    private readonly JoinToken _worker;
    private readonly JoinToken _manager;

    public CertificateWritesTests()
    {
        (_worker, _manager) = (_ca.CreateToken(), _ca.CreateToken());
        Cluster cluster = TestObjects.Cluster();
        cluster.RootCa = new RootCA
        {
            CaCert = _ca.CertificatePem,
            CaKey = _ca.KeyPem,
            JoinTokens = new JoinTokens { Worker = _worker.Text, Manager = _manager.Text },
        };
        _state.Put(cluster);
    }

    [Fact]
    public void Join_WorkerToken_MakesAPendingWorker()
    {
        Node node = Join(_worker.Text);

        Assert.Equal(NodeRole.Worker, node.Role);
        Assert.Equal(NodeRole.Worker, node.Spec.DesiredRole);
        Assert.Equal(NodeRole.Worker, node.Certificate.Role);
        Assert.Equal(Issuance.Pending, node.Certificate.Status.State);
        Assert.Equal("csr", node.Certificate.Csr.ToStringUtf8());
        Assert.Equal(node.Id, node.Certificate.Cn);
        Assert.Equal(NodeSpec.Types.Membership.Accepted, node.Spec.Membership);
        Assert.Equal(NodeSpec.Types.Availability.Drain, node.Spec.Availability);
        Assert.Equal(NodeStatus.Types.State.Unknown, node.Status.State);
        Assert.True(SwarmId.IsValid(node.Id));
    }

    [Fact]
    public void Join_ManagerToken_MakesAManagerWhereTheyMayJoin() =>
        Assert.Equal(NodeRole.Manager, Join(_manager.Text, acceptManagers: true).Role);

    [Fact]
    public void Join_ManagerToken_IsRefusedWhereOneManagerIsAll_AndNamesTheOtherToken()
    {
        SwarmException e = Assert.Throws<SwarmException>(() => Join(_manager.Text));

        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("worker token", e.Message, StringComparison.Ordinal);
        Assert.Empty(_state.View.All<Node>());
    }

    [Fact]
    public void Join_TokenWithAnotherSecret_IsRefusedAsReplaced() =>
        AssertRefused(JoinToken.Create(_ca.CertificatePem, new byte[16]).Text, "replaced");

    [Fact]
    public void Join_TokenOfAnotherCluster_IsRefusedAsSuch() =>
        AssertRefused(ClusterCa.Create(Issuer, DateTimeOffset.UnixEpoch).CreateToken().Text, "another cluster");

    [Theory]
    [InlineData("")]
    [InlineData("SWMTKN-1-short")]
    public void Join_NoProperToken_IsRefused(string token) => AssertRefused(token, "token");

    [Fact]
    public void Renew_Member_AsksForItsPresentRole()
    {
        Node node = TestObjects.Node("n1");
        node.Role = NodeRole.Manager;
        node.Certificate = new Certificate { Role = NodeRole.Worker, Status = new IssuanceStatus { State = Issuance.Issued } };
        _state.Put(node);

        _state.Apply(transaction => CertificateWrites.Renew(transaction, "n1", ByteString.CopyFromUtf8("new")));

        Certificate asked = _state.Get<Node>("n1")!.Certificate;
        Assert.Equal((Issuance.Renew, NodeRole.Manager, "new"), (asked.Status.State, asked.Role, asked.Csr.ToStringUtf8()));
        Assert.True(CertificateWrites.WantsSignature(_state.Get<Node>("n1")!));
    }

    [Fact]
    public void Renew_AskedTwice_WritesOnce()
    {
        _state.Put(TestObjects.Node("n1"));
        _state.Apply(transaction => CertificateWrites.Renew(transaction, "n1", ByteString.CopyFromUtf8("new")));
        ulong version = _state.Get<Node>("n1")!.Meta.Version.Index;

        _state.Apply(transaction => CertificateWrites.Renew(transaction, "n1", ByteString.CopyFromUtf8("new")));

        Assert.Equal(version, _state.Get<Node>("n1")!.Meta.Version.Index);
    }

    [Fact]
    public void Renew_NodeThatIsGone_SaysToJoinAgain()
    {
        SwarmException e = Assert.Throws<SwarmException>(
            () => _state.Apply(transaction => CertificateWrites.Renew(transaction, "gone", ByteString.CopyFromUtf8("x"))));

        Assert.Equal(SwarmErrorCode.NotFound, e.Code);
        Assert.Contains("join it again", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Issued_RequestChangedMeanwhile_IsDropped()
    {
        Node node = Join(_worker.Text);
        var write = new CertificateWrite(
            node.Id, ByteString.CopyFromUtf8("older"), NodeRole.Worker, ByteString.CopyFromUtf8("certificate"), "");

        _state.Apply(write.Apply);

        Assert.Equal(Issuance.Pending, _state.Get<Node>(node.Id)!.Certificate.Status.State);
    }

    [Fact]
    public void Issued_Twice_WritesOnce()
    {
        Node node = Join(_worker.Text);
        var write = new CertificateWrite(
            node.Id, node.Certificate.Csr, NodeRole.Worker, ByteString.CopyFromUtf8("certificate"), "");
        _state.Apply(write.Apply);
        Node issued = _state.Get<Node>(node.Id)!;

        _state.Apply(write.Apply);

        Assert.Same(issued, _state.Get<Node>(node.Id));
        Assert.Equal((Issuance.Issued, "certificate"), (issued.Certificate.Status.State, issued.Certificate.Certificate_.ToStringUtf8()));
    }

    private Node Join(string token, bool acceptManagers = false)
    {
        Node? node = null;
        var request = new IssueNodeCertificateRequest
        {
            Csr = ByteString.CopyFromUtf8("csr"),
            Token = token,
            Availability = NodeSpec.Types.Availability.Drain,
        };
        _state.Apply(transaction => node = CertificateWrites.Join(transaction, request, acceptManagers));
        return _state.Get<Node>(node!.Id)!;
    }

    private void AssertRefused(string token, string text)
    {
        SwarmException e = Assert.Throws<SwarmException>(() => Join(token));

        Assert.Equal(SwarmErrorCode.InvalidArgument, e.Code);
        Assert.Contains(text, e.Message, StringComparison.Ordinal);
        Assert.Empty(_state.View.All<Node>());
    }
}
