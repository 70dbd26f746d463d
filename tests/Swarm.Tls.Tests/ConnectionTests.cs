// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Tls.Tests;

public sealed class ConnectionTests
{
    private const string AnyoneMethod = "/docker.swarmkit.v1.CA/GetRootCACertificate";
    private const string WorkerMethod = "/docker.swarmkit.v1.Dispatcher/Heartbeat";
    private const string ManagerMethod = "/docker.swarmkit.v1.Health/Check";

    private readonly TestCluster _cluster = new();

    [Fact]
    public async Task Connect_ServerOfAnotherCluster_IsUnauthenticatedWithOneLine()
    {
        await using RpcServer server = await new TestCluster().ServeAsync();
        await using IRpcConnection connection = TestCluster.Connect(server, RpcTrust.RootOnly(_cluster.Ca.CertificatePem));
        await FailsAsync(connection, SwarmErrorCode.Unauthenticated, "is not to be trusted");
    }

    [Fact]
    public async Task Connect_WorkerInTheManagersPlace_IsUnauthenticated()
    {
        var worker = new NodeCredentialsSource(_cluster.Issue("worker1", NodeRole.Worker));
        await using RpcServer server = await _cluster.ServeAsync(credentials: worker);
        foreach (string name in new[] { SwarmRoleNames.Manager, SwarmRoleNames.CertificateAuthority })
        {
            await using IRpcConnection connection = TestCluster.Connect(server, RpcTrust.RootOnly(_cluster.Ca.CertificatePem), name);
            await FailsAsync(connection, SwarmErrorCode.Unauthenticated, $"not one of {name}");
        }
    }

    [Theory]
    [InlineData(SwarmRoleNames.Manager)]
    [InlineData(SwarmRoleNames.CertificateAuthority)]
    [InlineData("manager1")]
    public async Task Connect_NamesOfAManager_AreTaken(string name)
    {
        await using RpcServer server = await _cluster.ServeAsync();
        await using IRpcConnection connection = TestCluster.Connect(server, RpcTrust.RootOnly(_cluster.Ca.CertificatePem), name);
        Assert.StartsWith("None|", await TestCluster.CallAsync(connection, AnyoneMethod), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NobodyThere_IsUnavailableWithOneLine()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using IRpcConnection connection = new GrpcTransport().CreateConnector(RpcTrust.Unverified)
            .Connect(taken.LocalEndPoint!.ToString()!, SwarmRoleNames.Manager);
        await FailsAsync(connection, SwarmErrorCode.Unavailable, "cannot connect to 127.0.0.1");
    }

    [Fact]
    public async Task Connect_SilentServer_IsUnavailableAfterTheTimeout()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        await using IRpcConnection connection = new GrpcTransport(new RpcClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) })
            .CreateConnector(RpcTrust.Unverified).Connect(silent.LocalEndPoint!.ToString()!, SwarmRoleNames.Manager);
        await FailsAsync(connection, SwarmErrorCode.Unavailable, "no answer from 127.0.0.1");
    }

    [Fact]
    public async Task Credentials_Replaced_NewConnectionsUseTheNewOnesOldOnesGoOn()
    {
        var client = new NodeCredentialsSource(_cluster.Issue("before", NodeRole.Worker));
        var own = new NodeCredentialsSource(_cluster.Issue("manager1", NodeRole.Manager));
        await using RpcServer server = await _cluster.ServeAsync(credentials: own);
        await using IRpcConnection old = TestCluster.Connect(server, RpcTrust.Mutual(client));
        Assert.StartsWith("Worker|before|", await TestCluster.CallAsync(old, WorkerMethod), StringComparison.Ordinal);

        client.Replace(_cluster.Issue("after", NodeRole.Manager));
        own.Replace(_cluster.Issue("manager2", NodeRole.Manager));
        await using IRpcConnection renewed = TestCluster.Connect(server, RpcTrust.Mutual(client), "manager2");
        Assert.StartsWith("Manager|after|", await TestCluster.CallAsync(renewed, ManagerMethod), StringComparison.Ordinal);
        Assert.StartsWith("Worker|before|", await TestCluster.CallAsync(old, WorkerMethod), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_Replaced_NewConnectionsAreJudgedByIt()
    {
        var next = new TestCluster();
        var own = new NodeCredentialsSource(_cluster.Issue("manager1", NodeRole.Manager));
        await using RpcServer server = await _cluster.ServeAsync(credentials: own);
        own.Replace(next.Issue("manager1", NodeRole.Manager));

        NodeCredentials stale = _cluster.Foreign(_cluster.Ca, "w", NodeRole.Worker)
            .WithRoot(OperatingSystemCertificateIssuer.Instance, next.Ca.CertificatePem);
        await using IRpcConnection refused = TestCluster.Connect(server, RpcTrust.Mutual(new NodeCredentialsSource(stale)));
        await FailsAsync(refused, SwarmErrorCode.Unauthenticated, "refused this node's certificate", WorkerMethod);
        await using IRpcConnection taken = TestCluster.Connect(
            server, RpcTrust.Mutual(new NodeCredentialsSource(next.Issue("w", NodeRole.Worker))));
        Assert.StartsWith("Worker|w|", await TestCluster.CallAsync(taken, WorkerMethod), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RootRotation_CrossSignedChain_IsSentAndAcceptedByBothSides()
    {
        // The new root has the name of the old one, and the old one signed it: peers know only the old.
        ClusterCa renewed = ClusterCa.Create(OperatingSystemCertificateIssuer.Instance, DateTimeOffset.UtcNow);
        ByteString cross = CrossSign(_cluster.Ca, renewed);
        NodeCredentials Rotated(string id, NodeRole role)
        {
            NodeCredentials plain = renewed.IssueCredentials(id, role, TestCluster.Id, TimeSpan.FromDays(1), DateTimeOffset.UtcNow);
            ByteString chain = ByteString.CopyFrom([.. plain.Pair.CertificatePem, .. cross]);
            return NodeCredentials.Create(
                OperatingSystemCertificateIssuer.Instance, new CertificateKeyPair(chain, plain.Pair.KeyPem), _cluster.Ca.CertificatePem);
        }

        await using RpcServer rotated = await _cluster.ServeAsync(credentials: new NodeCredentialsSource(Rotated("m", NodeRole.Manager)));
        await using IRpcConnection toRotated = TestCluster.Connect(
            rotated, RpcTrust.Mutual(new NodeCredentialsSource(_cluster.Issue("w", NodeRole.Worker))));
        Assert.StartsWith("Worker|w|", await TestCluster.CallAsync(toRotated, WorkerMethod), StringComparison.Ordinal);

        await using RpcServer plainServer = await _cluster.ServeAsync();
        await using IRpcConnection fromRotated = TestCluster.Connect(
            plainServer, RpcTrust.Mutual(new NodeCredentialsSource(Rotated("w2", NodeRole.Worker))));
        Assert.StartsWith("Worker|w2|", await TestCluster.CallAsync(fromRotated, WorkerMethod), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwarded_ByAManager_IsTheOriginAndByAWorkerIsIgnored()
    {
        await using RpcServer server = await _cluster.ServeAsync(o => o.IsBlacklisted = static id => id == "removed");
        Metadata Origin(CallerRole role, string id) =>
            ForwardedIdentity.Write(new CallerIdentity(role, id, role == CallerRole.None ? "" : TestCluster.Id, "10.0.0.9:1234"), "10.0.0.1:4242");

        await using IRpcConnection manager = TestCluster.Connect(
            server, RpcTrust.Mutual(new NodeCredentialsSource(_cluster.Issue("manager2", NodeRole.Manager))));
        Assert.Equal("Worker|w7|False|manager2|10.0.0.9:1234", await TestCluster.CallAsync(manager, WorkerMethod, Origin(CallerRole.Worker, "w7")));
        Assert.Equal("None||False|manager2|10.0.0.9:1234", await TestCluster.CallAsync(manager, AnyoneMethod, Origin(CallerRole.None, "")));
        await DeniedAsync(manager, ManagerMethod, Origin(CallerRole.Worker, "w7"));
        await DeniedAsync(manager, WorkerMethod, Origin(CallerRole.None, ""));
        await DeniedAsync(manager, WorkerMethod, Origin(CallerRole.Worker, "removed"));

        await using IRpcConnection worker = TestCluster.Connect(
            server, RpcTrust.Mutual(new NodeCredentialsSource(_cluster.Issue("w1", NodeRole.Worker))));
        Assert.StartsWith("Worker|w1|False||127.0.0.1:", await TestCluster.CallAsync(worker, WorkerMethod, Origin(
            CallerRole.Manager, "m")), StringComparison.Ordinal);
        await DeniedAsync(worker, ManagerMethod, Origin(CallerRole.Manager, "manager2"));
    }

    [Fact]
    public async Task Certificate_ThatExpiresWhileConnected_CountsNoMore()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using RpcServer server = await _cluster.ServeAsync(o => o.Time = clock);
        await using IRpcConnection connection = TestCluster.Connect(
            server, RpcTrust.Mutual(new NodeCredentialsSource(_cluster.Issue("w1", NodeRole.Worker))));
        Assert.StartsWith("Worker|w1|", await TestCluster.CallAsync(connection, WorkerMethod), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromDays(2));
        await DeniedAsync(connection, WorkerMethod, []);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable CA5397, SYSLIB0039, CS0618 // Old versions are what is to be refused.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore CA5397, SYSLIB0039, CS0618
    public async Task Handshake_Version_AtLeastTls12(SslProtocols version, bool taken)
    {
        await using RpcServer server = await _cluster.ServeAsync();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.RemoteEndPoint!, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(tcp.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = SwarmRoleNames.Manager,
            EnabledSslProtocols = version,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        };
        if (taken)
        {
            await tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
            Assert.Equal(version, tls.SslProtocol);
            Assert.Equal(SslApplicationProtocol.Http2, tls.NegotiatedApplicationProtocol);
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Start_PortInUse_IsOneClearLine()
    {
        await using RpcServer first = await _cluster.ServeAsync();
        var e = await Assert.ThrowsAsync<SwarmException>(() => _cluster.ServeAsync(o => o.RemoteAddress = first.RemoteEndPoint!.ToString()));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains($"cannot listen on {first.RemoteEndPoint}: it is in use", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_IsOneClearLine()
    {
        var e = await Assert.ThrowsAsync<SwarmException>(() => _cluster.ServeAsync(o => o.RemoteAddress = "192.0.2.1:4242"));
        Assert.Contains("this machine has no such address", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<SwarmException>(() => _cluster.ServeAsync(o => o.RemoteAddress = "nonsense"));
        Assert.Equal(SwarmErrorCode.InvalidArgument, e.Code);
    }

    [Fact]
    public async Task Message_LargerThanFourMebibytes_IsRefused()
    {
        await using RpcServer server = await _cluster.ServeAsync(o => o.RemoteServices = [Control.BindService(new EchoControl())]);
        await using IRpcConnection connection = new GrpcTransport(new RpcClientOptions { SendSizeMax = 16 * 1024 * 1024 })
            .CreateConnector(RpcTrust.Mutual(new NodeCredentialsSource(_cluster.Issue("m2", NodeRole.Manager))))
            .Connect(server.RemoteEndPoint!.ToString(), SwarmRoleNames.Manager);
        var client = new Control.ControlClient(connection.Invoker);
        CreateSecretRequest Request(int size) => new() { Spec = new SecretSpec { Data = ByteString.CopyFrom(new byte[size]) } };
        await client.CreateSecretAsync(Request((4 * 1024 * 1024) - 100), cancellationToken: TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.CreateSecretAsync(Request(4 * 1024 * 1024), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
    }

    [Fact]
    public async Task Errors_OfAService_KeepTheirCodeOverTheWire()
    {
        await using RpcServer server = await _cluster.ServeAsync(o => o.RemoteServices = [Control.BindService(new EchoControl())]);
        await using IRpcConnection connection = TestCluster.Connect(
            server, RpcTrust.Mutual(new NodeCredentialsSource(_cluster.Issue("m2", NodeRole.Manager))));
        var client = new Control.ControlClient(connection.Invoker);
        foreach (SwarmErrorCode code in Enum.GetValues<SwarmErrorCode>())
        {
            var e = await Assert.ThrowsAsync<RpcException>(async () => await client.GetNodeAsync(
                new GetNodeRequest { NodeId = code.ToString() }, cancellationToken: TestContext.Current.CancellationToken));
            SwarmException error = RpcErrors.ToSwarmException(e);
            Assert.Equal((code, "as asked: äöü"), (error.Code, error.Message));
        }

        var defect = await Assert.ThrowsAsync<RpcException>(async () => await client.GetNodeAsync(
            new GetNodeRequest { NodeId = "defect" }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.Internal, defect.StatusCode);
        Assert.DoesNotContain("secret detail", defect.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task FailsAsync(IRpcConnection connection, SwarmErrorCode code, string text, string method = AnyoneMethod)
    {
        var e = await Assert.ThrowsAsync<RpcException>(() => TestCluster.CallAsync(connection, method));
        SwarmException error = RpcErrors.ToSwarmException(e);
        Assert.True(error.Code == code, e.ToString());
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static async Task DeniedAsync(IRpcConnection connection, string method, Metadata headers)
    {
        var e = await Assert.ThrowsAsync<RpcException>(() => TestCluster.CallAsync(connection, method, headers));
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    private static ByteString CrossSign(ClusterCa old, ClusterCa renewed)
    {
        using X509Certificate2 issuer = PemCertificates.Read(old.CertificatePem)[0];
        using X509Certificate2 subject = PemCertificates.Read(renewed.CertificatePem)[0];
        using var key = ECDsa.Create();
        key.ImportFromPem(old.KeyPem.ToStringUtf8());
        var request = new CertificateRequest(subject.SubjectName, subject.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 cross = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key),
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [7]);
        return ByteString.CopyFromUtf8(cross.ExportCertificatePem() + "\n");
    }

    private sealed class EchoControl : Control.ControlBase
    {
        public override Task<CreateSecretResponse> CreateSecret(CreateSecretRequest request, ServerCallContext context) =>
            Task.FromResult(new CreateSecretResponse());

        public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
            Enum.TryParse(request.NodeId, out SwarmErrorCode code)
                ? throw new SwarmException(code, "as asked: äöü")
                : throw new InvalidDataException("secret detail");
    }
}
