// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>The start of a node of a declared cluster: which node may make the cluster, and how the others come into it. Used in the node's mailbox.</summary>
internal sealed class ClusterFormation(SwarmNodeOptions options, SwarmNodeParts parts, NodeEnroller enroller, ILogger logger)
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbesTimeout = TimeSpan.FromSeconds(10);

    private readonly ClusterBootstrapOptions _declared = options.Bootstrap!;
    private readonly string _name = options.Hostname.Length > 0 ? options.Hostname : Dns.GetHostName();
    private string _waitsFor = "";

    private bool IsFirst => string.Equals(_name, _declared.FirstNode, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives what the node is, after joining if it must; null if it is the one to make the cluster.</summary>
    /// <param name="known">What the node was before.</param>
    /// <param name="given">The token of the options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<NodeCredentials?> PrepareAsync(NodeCredentials? known, JoinToken? given, CancellationToken cancellationToken)
    {
        if (known is not null)
        {
            RequireSameCluster(known);
            return known;
        }

        if (!IsFirst)
        {
            return await WaitAndJoinAsync(given, cancellationToken);
        }

        await RequireNoClusterAsync(given, cancellationToken);
        return null;
    }

    /// <summary>Refuses what a node that joined cannot be yet; nothing has been kept, so the same directory can still join as a worker.</summary>
    public static void RequireWorker(NodeCredentials joined)
    {
        if (joined.Role == NodeRole.Manager)
        {
            throw new SwarmException(
                SwarmErrorCode.Unimplemented,
                "this version has one manager in a cluster, the one that started it, and the token given is for managers: "
                + "use the worker token (swarmctl cluster inspect default, on the manager)");
        }
    }

    private static SwarmException Refused(string message) => new(SwarmErrorCode.FailedPrecondition, message);

    private void RequireSameCluster(NodeCredentials known)
    {
        if (known.Role == NodeRole.Manager && !IsFirst)
        {
            throw Refused(
                $"this node, '{_name}', has made cluster {known.Organization}, but '{_declared.FirstNode}' is declared to make it: there would be two clusters. "
                + "Declare this node the first again, or empty its state directory to have it join");
        }

        if (IsFirst && parts.Identity.LoadClusterMark() is { } mark && mark.ClusterId != known.Organization)
        {
            throw Refused(
                $"the state directory is of cluster {known.Organization}, but this node made cluster {mark.ClusterId} ({mark.Place} says so): "
                + "give it its own state directory, or remove that file");
        }
    }

    private async Task RequireNoClusterAsync(JoinToken? given, CancellationToken cancellationToken)
    {
        const string Lost = "but its state directory holds nothing of it: a second cluster is not made. Restore the state directory";
        if (parts.Identity.LoadClusterMark() is { } mark)
        {
            throw Refused(
                $"this node made cluster {mark.ClusterId} before, {Lost}; or, to begin anew, empty the other nodes' and remove {mark.Place}");
        }

        if (given is not null || (parts.JoinTokens is { } tokens && await tokens.GetTokenAsync(cancellationToken) is not null))
        {
            string source = given is not null ? "the options" : parts.JoinTokens is JoinTokenFile file ? file.FullPath : "the provider of join tokens";
            throw Refused(
                $"'{_name}' is declared to make the cluster, but there is a join token already ({source}): the cluster was made before, {Lost}; "
                + "or, to begin anew, empty the other nodes' and remove the token");
        }

        if (parts.Discovery is { } discovery)
        {
            using var limit = new CancellationTokenSource(ProbesTimeout, parts.Mailboxes.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            foreach (string address in (await discovery.GetManagersAsync(cancellationToken)).Take(SwarmNodeOptions.ManagersMax))
            {
                if (await AnswersAsync(address, linked.Token))
                {
                    throw Refused($"'{_name}' is declared to make the cluster, but a manager answers at {address}: the cluster was made before, {Lost}");
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<bool> AnswersAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            await using IRpcConnection connection = parts.Transport.CreateConnector(RpcTrust.Unverified)
                .Connect(address, SwarmRoleNames.CertificateAuthority);
            var call = new CallOptions(deadline: parts.Mailboxes.Time.GetUtcNow().UtcDateTime + ProbeTimeout, cancellationToken: cancellationToken);
            await new CA.CAClient(connection.Invoker).GetRootCACertificateAsync(new GetRootCACertificateRequest(), call);
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private async Task<NodeCredentials> WaitAndJoinAsync(JoinToken? given, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_declared.WaitTimeout, parts.Mailboxes.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                if (await TryJoinAsync(given, linked.Token) is { } joined)
                {
                    return joined;
                }

                await Task.Delay(_declared.RetryInterval, parts.Mailboxes.Time, linked.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SwarmException(
                SwarmErrorCode.DeadlineExceeded,
                $"node '{_name}' waited {_declared.WaitTimeout.TotalSeconds:0} s for the cluster that '{_declared.FirstNode}' makes: {_waitsFor}");
        }
    }

    private async Task<NodeCredentials?> TryJoinAsync(JoinToken? given, CancellationToken cancellationToken)
    {
        try
        {
            JoinToken? token = given;
            if (token is null && parts.JoinTokens is { } tokens && await tokens.GetTokenAsync(cancellationToken) is { } text)
            {
                token = JoinToken.Parse(text);
            }

            IReadOnlyList<string> found = options.JoinAddress.Length > 0 ? [options.JoinAddress] : [];
            if (parts.Discovery is { } discovery)
            {
                found = [.. found.Concat(await discovery.GetManagersAsync(cancellationToken)).Distinct().Take(SwarmNodeOptions.ManagersMax)];
            }

            if (token is null || found.Count == 0)
            {
                WaitsFor(token is null ? "there is no join token yet" : "no manager is known yet");
                return null;
            }

            return await JoinAsync(token, found, cancellationToken);
        }
        catch (SwarmException e) when (IsWorthAnotherTry(e.Code, given is null))
        {
            WaitsFor(e.Message);
            return null;
        }
    }

    private async Task<NodeCredentials> JoinAsync(JoinToken token, IReadOnlyList<string> found, CancellationToken cancellationToken)
    {
        int next = 0;
        var join = new JoinOptions { Token = token, Availability = options.Availability, Tries = Math.Max(2, found.Count) };
        NodeCredentials joined = await enroller.JoinAsync(() => found[next++ % found.Count], join, cancellationToken);
        RequireWorker(joined);
        parts.Identity.SaveManagers(found);
        parts.Identity.Save(joined);
        HostingLog.Joined(logger, joined.Organization, joined.Role, joined.NodeId);
        return joined;
    }

    // A token from a provider may be of a life of the cluster that is over, until the first node has written the new one.
    private static bool IsWorthAnotherTry(SwarmErrorCode code, bool tokenMayChange) => code switch
    {
        SwarmErrorCode.Unavailable or SwarmErrorCode.DeadlineExceeded or SwarmErrorCode.Aborted or SwarmErrorCode.NotLeader => true,
        SwarmErrorCode.PermissionDenied or SwarmErrorCode.Unauthenticated or SwarmErrorCode.FailedPrecondition => tokenMayChange,
        _ => false,
    };

    private void WaitsFor(string what)
    {
        if (_waitsFor != what)
        {
            _waitsFor = what;
            HostingLog.Waits(logger, _declared.FirstNode, what);
        }
    }
}
