// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>Starts and stops the node with the host, and creates what the host program has declared.</summary>
internal sealed class SwarmNodeHostedService(SwarmNode node, IEnumerable<DeclaredService> declared, ILogger<SwarmNode> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await node.StartAsync(cancellationToken);
        if (node.Manager is null)
        {
            return;
        }

        foreach (DeclaredService service in declared)
        {
            try
            {
                await node.Client.Services.CreateAsync(service.Spec, cancellationToken);
                HostingLog.ServiceDeclared(logger, service.Spec.Annotations.Name);
            }
            catch (SwarmException e) when (e.Code == SwarmErrorCode.AlreadyExists)
            {
                // From an earlier start, or changed by an operator since: theirs.
            }
        }
    }

    // The tasks have their grace, and the agent a limit in all; the host's limit does not cut them short.
    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync();
}
