// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>
/// Carries out a <see cref="JoinMachine"/> over a transport: how a node gets its first certificate, and each one after. It saves
/// nothing and replaces nothing; that is the caller's. Thread-safe; run it in a mailbox to have it simulated.
/// </summary>
/// <param name="transport">How to call managers.</param>
/// <param name="issuer">Makes keys and reads certificates.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where retries are reported.</param>
public sealed class NodeEnroller(IRpcTransport transport, ICertificateIssuer issuer, TimeProvider time, ILogger? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>Gets the first certificate.</summary>
    /// <param name="pick">Names the manager to call, HOST:PORT; asked before each call.</param>
    /// <param name="options">Token and limits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The credentials.</returns>
    /// <exception cref="SwarmException">It did not work; one line says why: unreachable, not the token's cluster, token refused
    /// ….</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public Task<NodeCredentials> JoinAsync(Func<string> pick, JoinOptions options, CancellationToken cancellationToken) =>
        RunAsync(new JoinMachine(issuer, options), pick, null, cancellationToken);

    /// <summary>Gets a new certificate, in the role the cluster has for the node now.</summary>
    /// <param name="pick">Names the manager to call, HOST:PORT; asked before each call.</param>
    /// <param name="current">The credentials to renew; they prove who asks.</param>
    /// <param name="options">Limits; a token in them is not used.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new credentials. Their role may still be the old one if a change of role was just ordered: ask again.</returns>
    /// <exception cref="SwarmException">It did not work; one line says why.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public Task<NodeCredentials> RenewAsync(
        Func<string> pick, NodeCredentialsSource current, JoinOptions options, CancellationToken cancellationToken)
    {
        NodeCredentials own = current.Current ?? throw new ArgumentException("there are no credentials to renew", nameof(current));
        return RunAsync(new JoinMachine(issuer, options, own), pick, current, cancellationToken);
    }

    private async Task<NodeCredentials> RunAsync(
        JoinMachine machine, Func<string> pick, NodeCredentialsSource? current, CancellationToken cancellationToken)
    {
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
                    step = machine.Next(await CallAsync(step, pick(), current, cancellationToken), time.GetUtcNow());
                    break;
            }
        }
    }

    private async Task<JoinOutcome> CallAsync(
        JoinStep step, string address, NodeCredentialsSource? current, CancellationToken cancellationToken)
    {
        try
        {
            return step switch
            {
                JoinStep.FetchRoot fetch => await FetchRootAsync(fetch, address, cancellationToken),
                JoinStep.RequestCertificate request => await RequestAsync(request, address, current, cancellationToken),
                JoinStep.PollStatus poll => await PollAsync(poll, address, current, cancellationToken),
                _ => throw new InvalidOperationException($"step {step} is no call"),
            };
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SwarmException error = Explain(e, address);
            RpcLog.EnrolStepFailed(_logger, step.GetType().Name, address, error.Message);
            return new JoinOutcome.CallFailed(error);
        }
    }

    // A deadline of our own says nothing of itself.
    private static SwarmException Explain(RpcException e, string address) => e is { StatusCode: StatusCode.DeadlineExceeded, Status.Detail.Length: 0 }
        ? new SwarmException(SwarmErrorCode.DeadlineExceeded, $"no answer from {address} in time: check the address and that the manager runs", e)
        : RpcErrors.ToSwarmException(e);

    private async Task<JoinOutcome> FetchRootAsync(JoinStep.FetchRoot step, string address, CancellationToken cancellationToken)
    {
        await using IRpcConnection connection = transport
            .CreateConnector(RpcTrust.Unverified)
            .Connect(address, SwarmRoleNames.CertificateAuthority);
        GetRootCACertificateResponse response = await new CA.CAClient(connection.Invoker)
            .GetRootCACertificateAsync(new GetRootCACertificateRequest(), Options(step.Timeout, cancellationToken));
        return new JoinOutcome.RootReceived(response.Certificate);
    }

    private async Task<JoinOutcome> RequestAsync(
        JoinStep.RequestCertificate step, string address, NodeCredentialsSource? current, CancellationToken cancellationToken)
    {
        await using IRpcConnection connection = Connect(step.RootPem, address, current);
        IssueNodeCertificateResponse response = await new NodeCA.NodeCAClient(connection.Invoker)
            .IssueNodeCertificateAsync(step.Request, Options(step.Timeout, cancellationToken));
        return new JoinOutcome.Requested(response.NodeId);
    }

    private async Task<JoinOutcome> PollAsync(
        JoinStep.PollStatus step, string address, NodeCredentialsSource? current, CancellationToken cancellationToken)
    {
        await using IRpcConnection connection = Connect(step.RootPem, address, current);
        NodeCertificateStatusResponse response = await new NodeCA.NodeCAClient(connection.Invoker)
            .NodeCertificateStatusAsync(step.Request, Options(step.Timeout, cancellationToken));
        return new JoinOutcome.StatusReceived(response);
    }

    private IRpcConnection Connect(Google.Protobuf.ByteString root, string address, NodeCredentialsSource? current) => transport
        .CreateConnector(current is null ? RpcTrust.RootOnly(root) : RpcTrust.Mutual(current))
        .Connect(address, SwarmRoleNames.CertificateAuthority);

    private CallOptions Options(TimeSpan timeout, CancellationToken cancellationToken) =>
        new(deadline: time.GetUtcNow().UtcDateTime + timeout, cancellationToken: cancellationToken);
}
