// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>Carries out what a <see cref="JoinMachine"/> decides: the shell of joining and of renewing.</summary>
internal sealed class NodeJoiner(IRpcTransport transport, ICertificateIssuer issuer, TimeProvider time)
{
    /// <summary>Joins a cluster, or renews a certificate.</summary>
    /// <param name="address">The manager to ask, asked anew before each call.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="current">The credentials to renew; null to join.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new credentials, verified.</returns>
    /// <exception cref="SwarmException">It did not work; the text says why.</exception>
    public async Task<NodeCredentials> RunAsync(
        Func<string> address, JoinOptions options, NodeCredentialsSource? current, CancellationToken cancellationToken)
    {
        var machine = new JoinMachine(issuer, options, current?.Current);
        JoinStep step = machine.Start();
        while (true)
        {
            switch (step)
            {
                case JoinStep.Done done:
                    return done.Credentials;
                case JoinStep.Failed failed:
                    throw failed.Error;
                case JoinStep.Pause pause:
                    await Task.Delay(pause.Time, time, cancellationToken);
                    step = machine.Next(new JoinOutcome.PauseOver(), time.GetUtcNow());
                    break;
                default:
                    JoinOutcome outcome = await CallAsync(step, address(), current, cancellationToken);
                    step = machine.Next(outcome, time.GetUtcNow());
                    break;
            }
        }
    }

    private async Task<JoinOutcome> CallAsync(JoinStep step, string address, NodeCredentialsSource? current, CancellationToken cancellationToken)
    {
        try
        {
            switch (step)
            {
                case JoinStep.FetchRoot fetch:
                    await using (IRpcConnection connection = transport.CreateConnector(RpcTrust.Unverified).Connect(address, SwarmRoleNames.CertificateAuthority))
                    {
                        GetRootCACertificateResponse root = await new CA.CAClient(connection.Invoker)
                            .GetRootCACertificateAsync(new GetRootCACertificateRequest(), Options(fetch.Timeout, cancellationToken));
                        return new JoinOutcome.RootReceived(root.Certificate);
                    }

                case JoinStep.RequestCertificate request:
                    await using (IRpcConnection connection = Connect(address, request.RootPem, current))
                    {
                        IssueNodeCertificateResponse issued = await new NodeCA.NodeCAClient(connection.Invoker)
                            .IssueNodeCertificateAsync(request.Request, Options(request.Timeout, cancellationToken));
                        return new JoinOutcome.Requested(issued.NodeId);
                    }

                case JoinStep.PollStatus poll:
                    await using (IRpcConnection connection = Connect(address, poll.RootPem, current))
                    {
                        NodeCertificateStatusResponse status = await new NodeCA.NodeCAClient(connection.Invoker)
                            .NodeCertificateStatusAsync(poll.Request, Options(poll.Timeout, cancellationToken));
                        return new JoinOutcome.StatusReceived(status);
                    }

                default:
                    throw new InvalidOperationException($"not a call: {step}");
            }
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new JoinOutcome.CallFailed(Explain(e, address));
        }
        catch (SwarmException e)
        {
            return new JoinOutcome.CallFailed(e);
        }
    }

    private static SwarmException Explain(RpcException e, string address)
    {
        SwarmException error = RpcErrors.ToSwarmException(e);
        return error.Code == SwarmErrorCode.Unavailable
            ? new SwarmException(
                SwarmErrorCode.Unavailable,
                $"cannot reach the manager at {address}: {error.Message.TrimEnd('.')}; is it running, and is the address right (--join-addr)?",
                e)
            : error;
    }

    private IRpcConnection Connect(string address, Google.Protobuf.ByteString root, NodeCredentialsSource? current) =>
        transport.CreateConnector(current is null ? RpcTrust.RootOnly(root) : RpcTrust.Mutual(current))
            .Connect(address, SwarmRoleNames.CertificateAuthority);

    private CallOptions Options(TimeSpan timeout, CancellationToken cancellationToken) =>
        new(deadline: time.GetUtcNow().UtcDateTime + timeout, cancellationToken: cancellationToken);
}
