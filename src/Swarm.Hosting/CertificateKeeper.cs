// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>
/// Keeps the node's certificate fresh: renews it at a random moment between 50 % and 80 % of its life, when the manager asks for it (state ROTATE), and when
/// the node's role has changed. Used in the node's mailbox only.
/// </summary>
internal sealed class CertificateKeeper(
    NodeEnroller enroller,
    NodeCredentialsSource credentials,
    INodeIdentityStore identity,
    Mailbox mailbox,
    SeededRandom random,
    IReadOnlyList<string> managers,
    ILogger logger)
{
    private IReadOnlyList<string> _managers = managers;
    private ITimer? _timer;
    private CancellationToken _stopping;
    private bool _renewing;
    private int _failures;

    /// <summary>Called after the certificate was replaced.</summary>
    public Action Renewed { get; init; } = static () => { };

    public void Start(CancellationToken stopping)
    {
        _stopping = stopping;
        stopping.Register(() => mailbox.Post(() => _timer?.Dispose()));
        Schedule();
    }

    public void OnManagersChanged(IReadOnlyList<string> addresses) => _managers = addresses;

    public void OnNodeChanged(Node node)
    {
        bool asked = node.Certificate?.Status?.State == IssuanceStatus.Types.State.Rotate;
        if (asked || node.Role != credentials.Current!.Role)
        {
            Renew();
        }
    }

    public void OnRootChanged(ByteString rootPem, ICertificateIssuer issuer)
    {
        NodeCredentials current = credentials.Current!;
        if (rootPem.IsEmpty || rootPem.Equals(current.RootPem))
        {
            return;
        }

        try
        {
            Replace(current.WithRoot(issuer, rootPem));
        }
        catch (SwarmException e)
        {
            logger.LogError("the manager sent a root certificate that does not fit this node's certificate; keeping the present one: {Reason}", e.Message);
        }
    }

    private void Schedule()
    {
        NodeCredentials current = credentials.Current!;
        DateTimeOffset now = mailbox.Time.GetUtcNow();
        TimeSpan wait = _failures > 0
            ? RenewalSchedule.RetryAfter(_failures)
            : RenewalSchedule.Next(current.NotBefore, current.NotAfter, random) - now;

        // Timers take at most 49 days; a longer wait is done in steps.
        TimeSpan step = TimeSpan.FromDays(30);
        bool whole = wait <= step;
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : whole ? wait : step;
        _timer?.Dispose();
        _timer = mailbox.Time.CreateTimer(_ => mailbox.Post(whole ? Renew : Schedule), null, wait, Timeout.InfiniteTimeSpan);
    }

    private async void Renew()
    {
        if (_renewing || _stopping.IsCancellationRequested)
        {
            return;
        }

        _renewing = true;
        try
        {
            NodeCredentials renewed = await enroller.RenewAsync(
                () => _managers[random.Next(_managers.Count)], credentials, new JoinOptions(), _stopping);
            _failures = 0;
            Replace(renewed);
            logger.LogInformation("renewed the node's certificate; it is valid until {NotAfter:u}", renewed.NotAfter);
        }
        catch (SwarmException e)
        {
            _failures++;
            logger.LogWarning(
                "could not renew the node's certificate, valid until {NotAfter:u}; trying again in {Wait}: {Reason}",
                credentials.Current!.NotAfter, RenewalSchedule.RetryAfter(_failures), e.Message);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            _renewing = false;
        }

        Schedule();
    }

    private void Replace(NodeCredentials renewed)
    {
        identity.Save(renewed);
        credentials.Replace(renewed);
        Renewed();
    }
}
