// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Simulation.Tests;

/// <summary>Hosts whose clocks differ call each other: what travels is the time that is left, not a moment of one clock.</summary>
public sealed class DeadlineTests
{
    [Theory]
    [InlineData(30)]
    [InlineData(-30)]
    [InlineData(0)]
    public void Deadline_ServerClockDiffers_CallIsAnswered(int minutesAhead)
    {
        var loop = new SimulationLoop(1);
        SimulatedHost client = loop.AddHost("client");
        SimulatedHost server = loop.AddHost("server", TimeSpan.FromMinutes(minutesAhead));
        var issuer = new SimulatedCertificateIssuer(loop.ForkRandom());
        ClusterCa ca = ClusterCa.Create(issuer, loop.Now);
        var credentials = new NodeCredentialsSource(ca.IssueCredentials("node", NodeRole.Manager, "cluster", TimeSpan.FromDays(90), loop.Now));
        var network = new InMemoryNetwork(new InMemoryNetworkOptions { Issuer = issuer, Policy = new SimulatedNetwork(loop) });
        Mailbox serving = server.Create("serving");
        network.AddHost("server", serving).Listen("10.0.0.1:4242", [CA.BindService(new RootOnly(ca.CertificatePem))], credentials, serving);
        Mailbox calling = client.Create("calling");
        IRpcConnection connection = network.AddHost("client", calling)
            .CreateConnector(RpcTrust.Unverified)
            .Connect("10.0.0.1:4242", SwarmRoleNames.CertificateAuthority);

        GetRootCACertificateResponse answer = loop.Run(
            calling,
            () => new CA.CAClient(connection.Invoker).GetRootCACertificateAsync(
                new GetRootCACertificateRequest(), deadline: client.Time.GetUtcNow().UtcDateTime + TimeSpan.FromSeconds(5)).ResponseAsync,
            TimeSpan.FromMinutes(1));

        Assert.Equal(ca.CertificatePem, answer.Certificate);
    }

    private sealed class RootOnly(ByteString root) : CA.CABase
    {
        public override Task<GetRootCACertificateResponse> GetRootCACertificate(GetRootCACertificateRequest request, ServerCallContext context) =>
            Task.FromResult(new GetRootCACertificateResponse { Certificate = root });
    }
}
