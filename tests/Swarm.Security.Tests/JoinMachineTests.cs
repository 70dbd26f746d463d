// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using State = Swarm.Api.IssuanceStatus.Types.State;

namespace Swarm.Security.Tests;

public class JoinMachineTests
{
    private static readonly DateTimeOffset Now = TestTime.Now;
    private readonly SimulatedCertificateIssuer _issuer = new(new SeededRandom(1));
    private readonly ClusterCa _ca;
    private readonly JoinToken _token;

    public JoinMachineTests()
    {
        _ca = ClusterCa.Create(_issuer, Now);
        _token = _ca.CreateToken();
    }

    [Fact]
    public void Join_AllWell_GivesCredentials()
    {
        var machine = new JoinMachine(_issuer, new JoinOptions { Token = _token });
        Assert.IsType<JoinStep.FetchRoot>(machine.Start());
        var request = Assert.IsType<JoinStep.RequestCertificate>(machine.Next(new JoinOutcome.RootReceived(_ca.CertificatePem), Now));
        Assert.Equal(_token.Text, request.Request.Token);
        Assert.DoesNotContain(_token.Text, request.ToString(), StringComparison.Ordinal);
        Assert.Equal("n1", Assert.IsType<JoinStep.PollStatus>(machine.Next(new JoinOutcome.Requested("n1"), Now)).Request.NodeId);

        // A manager that answers too early, then with the certificate of another request, then rightly.
        var pause = Assert.IsType<JoinStep.Pause>(machine.Next(Status(State.Pending, request.Request.Csr, null), Now));
        Assert.Same(pause.Then, machine.Next(new JoinOutcome.PauseOver(), Now));
        ByteString other = _issuer.CreateRequest().CertificatePem;
        Assert.IsType<JoinStep.Pause>(machine.Next(Status(State.Issued, other, Issue(other, "n1")), Now));
        machine.Next(new JoinOutcome.PauseOver(), Now);
        var done = Assert.IsType<JoinStep.Done>(
            machine.Next(Status(State.Issued, request.Request.Csr, Issue(request.Request.Csr, "n1")), Now));
        Assert.Equal(("n1", "c1", NodeRole.Worker), (done.Credentials.NodeId, done.Credentials.Organization, done.Credentials.Role));
    }

    [Fact]
    public void Join_ServerOfAnotherCluster_FailsAtOnce()
    {
        var machine = new JoinMachine(_issuer, new JoinOptions { Token = _token });
        machine.Start();
        ByteString foreign = ClusterCa.Create(_issuer, Now).CertificatePem;
        var failed = Assert.IsType<JoinStep.Failed>(machine.Next(new JoinOutcome.RootReceived(foreign), Now));
        Assert.Equal(SwarmErrorCode.PermissionDenied, failed.Error.Code);
        Assert.Contains("does not belong to this cluster", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_Unreachable_TriesFiveTimesTwoSecondsApart()
    {
        var machine = new JoinMachine(_issuer, new JoinOptions { Token = _token });
        JoinStep step = machine.Start();
        var error = new SwarmException(SwarmErrorCode.Unavailable, "nobody there");
        for (int i = 0; i < 4; i++)
        {
            var pause = Assert.IsType<JoinStep.Pause>(machine.Next(new JoinOutcome.CallFailed(error), Now));
            Assert.Equal(TimeSpan.FromSeconds(2), pause.Time);
            Assert.Same(step, machine.Next(new JoinOutcome.PauseOver(), Now));
        }

        Assert.Same(error, Assert.IsType<JoinStep.Failed>(machine.Next(new JoinOutcome.CallFailed(error), Now)).Error);
    }

    [Fact]
    public void Join_TokenRefused_FailsAtOnceAndSaysSo()
    {
        var machine = new JoinMachine(_issuer, new JoinOptions { Token = _token });
        machine.Start();
        machine.Next(new JoinOutcome.RootReceived(_ca.CertificatePem), Now);
        var refusal = new SwarmException(SwarmErrorCode.InvalidArgument, "A valid join token is necessary");
        var failed = Assert.IsType<JoinStep.Failed>(machine.Next(new JoinOutcome.CallFailed(refusal), Now));
        Assert.Equal(SwarmErrorCode.PermissionDenied, failed.Error.Code);
        Assert.Contains("refused the join token", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_LongPollRunsOut_AsksAgainAtOnceButNotForEver()
    {
        (JoinMachine machine, _) = Polling(new JoinOptions { Token = _token, PollsMax = 3 });
        var late = new JoinOutcome.CallFailed(new SwarmException(SwarmErrorCode.DeadlineExceeded, "late"));
        Assert.IsType<JoinStep.PollStatus>(machine.Next(late, Now));
        Assert.IsType<JoinStep.PollStatus>(machine.Next(late, Now));
        Assert.IsType<JoinStep.Failed>(machine.Next(late, Now));
    }

    [Fact]
    public void Join_IssuanceFailed_TellsTheReason()
    {
        (JoinMachine machine, ByteString csr) = Polling(new JoinOptions { Token = _token });
        var failed = Assert.IsType<JoinStep.Failed>(machine.Next(Status(State.Failed, csr, null, "no key"), Now));
        Assert.Contains("no key", failed.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Join_CertificateOfForeignRootOrOtherNode_IsRefused(bool foreign)
    {
        (JoinMachine machine, ByteString csr) = Polling(new JoinOptions { Token = _token });
        ByteString bad = foreign
            ? ClusterCa.Create(_issuer, Now).IssueNodeCertificate(csr, "n1", NodeRole.Worker, "c1", TimeSpan.FromDays(1), Now)
            : Issue(csr, "n2");
        Assert.IsType<JoinStep.Failed>(machine.Next(Status(State.Issued, csr, bad), Now));
    }

    [Fact]
    public void Renew_Start_SkipsTheRootAndSendsNoToken()
    {
        NodeCredentials current = _ca.IssueCredentials("n1", NodeRole.Worker, "c1", TimeSpan.FromDays(1), Now);
        var machine = new JoinMachine(_issuer, new JoinOptions { Token = _token }, current);
        var request = Assert.IsType<JoinStep.RequestCertificate>(machine.Start());
        Assert.True(machine.IsRenewal);
        Assert.Equal("", request.Request.Token);
        machine.Next(new JoinOutcome.Requested("n1"), Now);
        ByteString certificate = _ca.IssueNodeCertificate(request.Request.Csr, "n1", NodeRole.Manager, "c1", TimeSpan.FromDays(1), Now);
        var done = Assert.IsType<JoinStep.Done>(machine.Next(Status(State.Rotate, request.Request.Csr, certificate), Now));
        Assert.Equal(NodeRole.Manager, done.Credentials.Role);
        Assert.NotEqual(current.Pair.KeyPem, done.Credentials.Pair.KeyPem);
    }

    [Fact]
    public void Next_OutcomeOfAnotherStep_IsADefect()
    {
        var machine = new JoinMachine(_issuer, new JoinOptions { Token = _token });
        machine.Start();
        Assert.Throws<InvalidOperationException>(() => machine.Next(new JoinOutcome.Requested("n1"), Now));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    public void Validate_BadOptions_AreRefused(int tries, int timeout) => Assert.Throws<ArgumentException>(() =>
        new JoinMachine(_issuer, new JoinOptions { Tries = tries, CallTimeout = TimeSpan.FromSeconds(timeout) }));

    private (JoinMachine Machine, ByteString Csr) Polling(JoinOptions options)
    {
        var machine = new JoinMachine(_issuer, options);
        machine.Start();
        var request = (JoinStep.RequestCertificate)machine.Next(new JoinOutcome.RootReceived(_ca.CertificatePem), Now);
        machine.Next(new JoinOutcome.Requested("n1"), Now);
        return (machine, request.Request.Csr);
    }

    private ByteString Issue(ByteString csr, string nodeId) =>
        _ca.IssueNodeCertificate(csr, nodeId, NodeRole.Worker, "c1", TimeSpan.FromDays(1), Now);

    private static JoinOutcome.StatusReceived Status(State state, ByteString csr, ByteString? certificate, string err = "") => new(
        new NodeCertificateStatusResponse
        {
            Status = new IssuanceStatus { State = state, Err = err },
            Certificate = new Certificate { Csr = csr, Certificate_ = certificate ?? ByteString.Empty },
        });
}
