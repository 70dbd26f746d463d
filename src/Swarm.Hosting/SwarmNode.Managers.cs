// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting;

/// <content>Which managers a node knows.</content>
public sealed partial class SwarmNode
{
    private async Task<string[]> KnownManagersAsync(CancellationToken cancellationToken)
    {
        if (Manager is not null)
        {
            return [NodeAddresses.Dialled(_options.ListenRemoteApi)];
        }

        var known = new List<string>(_parts.Identity.LoadManagers());
        if (_options.JoinAddress.Length > 0 && !known.Contains(_options.JoinAddress))
        {
            known.Insert(0, _options.JoinAddress);
        }

        if (_parts.Discovery is { } discovery)
        {
            known.AddRange((await DiscoverAsync(discovery, known.Count == 0, cancellationToken)).Except(known));
        }

        return known.Count > 0
            ? [.. known.Take(SwarmNodeOptions.ManagersMax)]
            : throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                "the node has joined a cluster but knows no manager: give the address of one (--join-addr, with --join-token)");
    }

    private async Task<IReadOnlyList<string>> DiscoverAsync(IManagerDiscovery discovery, bool isNeeded, CancellationToken cancellationToken)
    {
        try
        {
            return await discovery.GetManagersAsync(cancellationToken);
        }
        catch (SwarmException e) when (!isNeeded)
        {
            HostingLog.NotDiscovered(_logger, e.Message);
            return [];
        }
    }

    // A disk that refuses costs the node its next start, not its present life.
    private void KeepManagers(IReadOnlyList<string> addresses)
    {
        try
        {
            _parts.Identity.SaveManagers(addresses);
        }
        catch (SwarmException e)
        {
            HostingLog.ManagersNotKept(_logger, e.Message);
        }
    }

    // Counted in the agent's mailbox, asked for in the node's: one question at a time.
    private void OnManagerLost()
    {
        if (_stopped is not null || _asking || Manager is not null || _parts.Discovery is not { } discovery || ++_losses < _knownManagers.Count)
        {
            return;
        }

        // Each manager known has been lost, or refused, about once: they may have moved.
        _losses = 0;
        _asking = true;
        AskAgain(discovery);
    }

    private async void AskAgain(IManagerDiscovery discovery)
    {
        try
        {
            string[] found = [.. (await DiscoverAsync(discovery, isNeeded: false, _stopping.Token)).Except(_knownManagers).Take(SwarmNodeOptions.ManagersMax)];
            if (found.Length > 0 && _stopped is null)
            {
                HostingLog.Rediscovered(_logger, string.Join(", ", found));
                _knownManagers = [.. found.Concat(_knownManagers).Take(SwarmNodeOptions.ManagersMax)];
                _keeper?.OnManagersChanged(_knownManagers);
                _agent?.AddManagers(found);
                KeepManagers(_knownManagers);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        finally
        {
            _asking = false;
        }
    }
}
