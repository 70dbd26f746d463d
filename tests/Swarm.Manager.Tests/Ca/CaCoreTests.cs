// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Issuance = Swarm.Api.IssuanceStatus.Types.State;

namespace Swarm.Manager.Tests.Ca;

public sealed class CaCoreTests
{
    private readonly TestState _state = new();
    private readonly CaCore _core = new(new CaOptions { SignaturesInFlightMax = 2, WaitersMax = 3 });
    private readonly List<CaOutput.Sign> _signs = [];
    private readonly List<CaOutput.Post> _posts = [];
    private readonly Dictionary<long, CaOutput.Answer> _answers = [];

    public CaCoreTests() => _state.Put(TestObjects.Cluster());

    [Fact]
    public void PendingNode_ManagerLeads_IsSignedAndStored()
    {
        Lead();
        Ask("n1", "csr");

        CaOutput.Sign sign = Assert.Single(_signs);
        Assert.Equal(("n1", "csr", "cluster"), (sign.NodeId, sign.Request.ToStringUtf8(), sign.Cluster.Id));
        Signed(sign, "certificate");
        Stored();

        Certificate certificate = _state.Get<Node>("n1")!.Certificate;
        Assert.Equal((Issuance.Issued, "certificate"), (certificate.Status.State, certificate.Certificate_.ToStringUtf8()));
        Assert.Single(_signs);
    }

    [Fact]
    public void PendingNode_ManagerDoesNotLead_WaitsForTheReign()
    {
        _core.OnReset(_state.View, _state.Now);
        Ask("n1", "csr");
        Assert.Empty(_signs);

        Lead();

        Assert.Single(_signs);
    }

    [Fact]
    public void BadRequest_IsStoredAsFailed()
    {
        Lead();
        Ask("n1", "csr");

        _core.OnSigned(_signs[0], null, "the request is broken");
        Take();
        Stored();

        IssuanceStatus status = _state.Get<Node>("n1")!.Certificate.Status;
        Assert.Equal((Issuance.Failed, "the request is broken"), (status.State, status.Err));
    }

    [Fact]
    public void ManyNodes_AreSignedAFewAtATime()
    {
        Lead();
        for (int i = 0; i < 5; i++)
        {
            Ask("n" + i, "csr");
        }

        Assert.Equal(2, _signs.Count);
        for (int i = 0; i < 5; i++)
        {
            Signed(_signs[i], "certificate");
            Stored();
        }

        Assert.All(_state.View.All<Node>(), node => Assert.Equal(Issuance.Issued, node.Certificate.Status.State));
    }

    [Fact]
    public void Node_AsksAgainWhileItsWriteIsUnderWay_GetsTheNewerSigned()
    {
        Lead();
        Ask("n1", "one");
        Signed(_signs[0], "first");
        Ask("n1", "two");
        Assert.Single(_signs);

        Stored();

        Assert.Equal("two", _signs[1].Request.ToStringUtf8());
        Signed(_signs[1], "second");
        Stored();
        Assert.Equal("second", _state.Get<Node>("n1")!.Certificate.Certificate_.ToStringUtf8());
    }

    [Fact]
    public void Write_Refused_IsTriedAgainLater()
    {
        Lead();
        Ask("n1", "csr");
        Signed(_signs[0], "certificate");
        _core.OnPosted(_posts[0].Write, new SwarmException(SwarmErrorCode.ResourceExhausted, "full"), _state.Now);
        Take();
        Assert.Single(_signs);

        _core.OnTimer(_state.Now + TimeSpan.FromSeconds(1));
        Take();

        Assert.Equal(2, _signs.Count);
    }

    [Fact]
    public void Wait_UntilIssued_IsAnsweredWithTheCertificate()
    {
        Lead();
        Ask("n1", "csr");
        _core.Wait(1, "n1", _state.Now);
        Take();
        Assert.Empty(_answers);

        Signed(_signs[0], "certificate");
        Stored();

        NodeCertificateStatusResponse response = _answers[1].Response!;
        Assert.Equal(Issuance.Issued, response.Status.State);
        Assert.Equal(("csr", "certificate"), (response.Certificate.Csr.ToStringUtf8(), response.Certificate.Certificate_.ToStringUtf8()));
        Assert.Null(_core.NextTimer);
    }

    [Theory]
    [InlineData(Issuance.Issued, true)]
    [InlineData(Issuance.Failed, true)]
    [InlineData(Issuance.Rotate, true)]
    [InlineData(Issuance.Pending, false)]
    [InlineData(Issuance.Renew, false)]
    [InlineData(Issuance.Unknown, false)]
    public void Wait_InState_IsAnsweredAtOnceIfFinal(Issuance state, bool answered)
    {
        Node node = TestObjects.Node("n1");
        node.Certificate = new Certificate { Status = new IssuanceStatus { State = state } };
        _state.Put(node);
        Lead();

        _core.Wait(1, "n1", _state.Now);
        Take();

        Assert.Equal(answered, _answers.ContainsKey(1));
    }

    [Fact]
    public void Wait_UnknownNode_IsNotFound()
    {
        Lead();

        _core.Wait(1, "nobody", _state.Now);
        Take();

        Assert.Equal(SwarmErrorCode.NotFound, _answers[1].Error!.Code);
    }

    [Fact]
    public void Wait_NodeIsRemoved_IsNotFound()
    {
        Lead();
        Ask("n1", "csr");
        _core.Wait(1, "n1", _state.Now);

        _state.Remove<Node>("n1");
        Commit();

        Assert.Equal(SwarmErrorCode.NotFound, _answers[1].Error!.Code);
    }

    [Fact]
    public void Wait_TooLong_IsAnsweredWithTheStateAsItIs()
    {
        Lead();
        Ask("n1", "csr");
        _core.Wait(1, "n1", _state.Now);

        _core.OnTimer(_core.NextTimer!.Value);
        Take();

        Assert.Equal(Issuance.Pending, _answers[1].Response!.Status.State);
    }

    [Fact]
    public void Wait_TooMany_IsRefusedAndThoseWhoLeaveMakeRoom()
    {
        Lead();
        Ask("n1", "csr");
        for (int i = 1; i <= 4; i++)
        {
            _core.Wait(i, "n1", _state.Now);
        }

        Take();
        Assert.Equal(SwarmErrorCode.ResourceExhausted, Assert.Single(_answers).Value.Error!.Code);
        _core.StopWaiting(1);
        _core.Wait(5, "n1", _state.Now);
        Take();

        Assert.Single(_answers);
    }

    private void Lead()
    {
        _state.TakeChanges();
        _core.BeginReign(_state.View, _state.Now);
        Take();
    }

    private void Ask(string nodeId, string request)
    {
        Node node = _state.Get<Node>(nodeId) ?? TestObjects.Node(nodeId);
        _state.Put(node.WithCertificate(new Certificate
        {
            Csr = ByteString.CopyFromUtf8(request),
            Status = new IssuanceStatus { State = Issuance.Pending },
        }));
        Commit();
    }

    private void Signed(CaOutput.Sign sign, string certificate)
    {
        _core.OnSigned(sign, ByteString.CopyFromUtf8(certificate), "");
        Take();
    }

    private void Stored()
    {
        CertificateWrite write = _posts[0].Write;
        _posts.RemoveAt(0);
        _state.Apply(write.Apply);
        Commit();
        _core.OnPosted(write, null, _state.Now);
        Take();
    }

    private void Commit()
    {
        _core.OnChanges(_state.View, _state.TakeChanges(), _state.Now);
        Take();
    }

    private void Take()
    {
        foreach (CaOutput output in _core.TakeOutputs())
        {
            switch (output)
            {
                case CaOutput.Sign sign: _signs.Add(sign); break;
                case CaOutput.Post post: _posts.Add(post); break;
                case CaOutput.Answer answer: _answers.Add(answer.Request, answer); break;
            }
        }
    }
}
