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
    ILogger logger,
    NodeTelemetry? telemetry = null)
{
    private IReadOnlyList<string> _managers = managers;
    private ITimer? _timer;
    private CancellationToken _stopping;
    private Task _renewal = Task.CompletedTask;
    private bool _renewing;
    private bool _asked;
    private NodeRole? _role;
    private int _failures;

    /// <summary>Called after the certificate was replaced.</summary>
    public Action Renewed { get; init; } = static () => { };

    public void Start(CancellationToken stopping)
    {
        _stopping = stopping;
        Schedule();
    }

    /// <summary>Ends the timer and waits for a renewal under way; the token given to <see cref="Start"/> is cancelled before.</summary>
    public Task StopAsync()
    {
        _timer?.Dispose();
        return _renewal;
    }

    public void OnManagersChanged(IReadOnlyList<string> addresses) => _managers = addresses;

    public void OnNodeChanged(Node node)
    {
        _asked = node.Certificate?.Status?.State == IssuanceStatus.Types.State.Rotate;
        _role = node.Role;
        if (IsWanted())
        {
            Renew();
        }
    }

    public void OnRootChanged(ByteString rootPem, ICertificateIssuer issuer)
    {
        NodeCredentials current = credentials.Current!;
        if (_stopping.IsCancellationRequested || rootPem.IsEmpty || rootPem.Equals(current.RootPem))
        {
            return;
        }

        try
        {
            // With a root that its own certificate is not of, nobody would trust this node, and it nobody of the others.
            issuer.Verify(current.Pair.CertificatePem, rootPem, mailbox.Time.GetUtcNow());
            Replace(current.WithRoot(issuer, rootPem));
        }
        catch (SwarmException e)
        {
            HostingLog.RootNotTaken(logger, e.Message);
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

    private bool IsWanted() => _asked || (_role is { } role && role != credentials.Current!.Role);

    private void Renew()
    {
        if (!_renewing && !_stopping.IsCancellationRequested)
        {
            _renewing = true;
            _asked = false;
            _renewal = RenewAsync();
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            using System.Diagnostics.Activity? activity = NodeTelemetry.Activities.StartActivity("swarm.certificate.renew");
            NodeCredentials renewed = await enroller.RenewAsync(
                () => _managers[random.Next(_managers.Count)], credentials, new JoinOptions(), _stopping);
            Replace(renewed);
            telemetry?.Renewal("");
            HostingLog.Renewed(logger, renewed.NotAfter);

            // Asked again meanwhile, or still in the old role because the order was too fresh: once more, after a pause.
            _failures = IsWanted() ? _failures + 1 : 0;
        }
        catch (SwarmException e)
        {
            _failures++;
            telemetry?.Renewal(e.Message);
            HostingLog.NotRenewed(logger, credentials.Current!.NotAfter, RenewalSchedule.RetryAfter(_failures), e.Message);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            _renewing = false;
        }

        if (!_stopping.IsCancellationRequested)
        {
            Schedule();
        }
    }

    private void Replace(NodeCredentials renewed)
    {
        identity.Save(renewed);
        credentials.Replace(renewed);
        Renewed();
    }
}
