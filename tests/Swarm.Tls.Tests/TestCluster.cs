// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Tls.Tests;

/// <summary>A cluster's authority, credentials under it, and servers whose every method answers with who called.</summary>
internal sealed class TestCluster
{
    public const string Id = "cluster1";

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create(static (byte[] b) => b, static b => b);

    public TestCluster() => Ca = ClusterCa.Create(OperatingSystemCertificateIssuer.Instance, DateTimeOffset.UtcNow.AddDays(-10));

    public ClusterCa Ca { get; }

    public NodeCredentialsSource Manager { get => field ??= new(Issue("manager1", NodeRole.Manager)); }

    public NodeCredentials Issue(string id, NodeRole role, string organization = Id, DateTimeOffset? now = null) =>
        Ca.IssueCredentials(id, role, organization, TimeSpan.FromDays(1), now ?? DateTimeOffset.UtcNow);

    /// <summary>Credentials whose certificate is of another authority, but which trust this one, as an attacker's would.</summary>
    public NodeCredentials Foreign(ClusterCa other, string id, NodeRole role)
    {
        NodeCredentials theirs = other.IssueCredentials(id, role, Id, TimeSpan.FromDays(1), DateTimeOffset.UtcNow);
        return theirs.WithRoot(OperatingSystemCertificateIssuer.Instance, Ca.CertificatePem);
    }

    /// <summary>An authority whose root has the same subject and dates, but another key.</summary>
    public ClusterCa Rogue()
    {
        using X509Certificate2 real = PemCertificates.Read(Ca.CertificatePem)[0];
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(real.SubjectName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));

        // The key identifier is copied too, so that nothing but the signature tells them apart.
        request.CertificateExtensions.Add(real.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single());
        using X509Certificate2 root = request.CreateSelfSigned(real.NotBefore, real.NotAfter);
        return new ClusterCa(OperatingSystemCertificateIssuer.Instance, new CertificateKeyPair(
            ByteString.CopyFromUtf8(root.ExportCertificatePem() + "\n"), ByteString.CopyFromUtf8(key.ExportPkcs8PrivateKeyPem() + "\n")));
    }

    /// <summary>A service for each of the contracts; each method answers with the caller's role, id and address.</summary>
    public static IReadOnlyList<ServerServiceDefinition> Services()
    {
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.CreateBuilder();
        foreach (string method in MethodRoles.All.Keys)
        {
            builder.AddMethod(MethodOf(method), async (IAsyncStreamReader<byte[]> requests, IServerStreamWriter<byte[]> responses, ServerCallContext context) =>
            {
                ICallerIdentity caller = context.GetCaller();
                string text = $"{caller.Role}|{caller.NodeId}|{caller.IsLocal}|{caller.ForwardedBy}|{caller.RemoteAddress}";
                await responses.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            });
        }

        return [builder.Build()];
    }

    /// <summary>Calls a method with an empty message; gives who the server says has called.</summary>
    public static async Task<string> CallAsync(IRpcConnection connection, string method, Metadata? headers = null)
    {
        var options = new CallOptions(headers, DateTime.UtcNow.AddSeconds(30), TestContext.Current.CancellationToken);
        using AsyncDuplexStreamingCall<byte[], byte[]> call = connection.Invoker.AsyncDuplexStreamingCall(MethodOf(method), null, options);
        try
        {
            await call.RequestStream.WriteAsync([]);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The server may have refused the call before it read the message; reading tells.
        }

        return await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)
            ? System.Text.Encoding.UTF8.GetString(call.ResponseStream.Current)
            : throw new InvalidOperationException("no answer");
    }

    public async Task<RpcServer> ServeAsync(Action<RpcServerOptions>? set = null, NodeCredentialsSource? credentials = null)
    {
        var options = new RpcServerOptions { RemoteAddress = "127.0.0.1:0", RemoteServices = Services(), StopGrace = TimeSpan.Zero };
        set?.Invoke(options);
        var server = new RpcServer(options, credentials ?? Manager);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public static IRpcConnection Connect(RpcServer server, RpcTrust trust, string serverName = SwarmRoleNames.Manager) =>
        new GrpcTransport().CreateConnector(trust).Connect(server.RemoteEndPoint!.ToString(), serverName);

    private static Method<byte[], byte[]> MethodOf(string fullName)
    {
        string[] parts = fullName.Split('/');
        return new Method<byte[], byte[]>(MethodType.DuplexStreaming, parts[1], parts[2], Raw, Raw);
    }
}
