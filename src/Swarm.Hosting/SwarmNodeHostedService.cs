// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Hosting;

namespace Swarm.Hosting;

/// <summary>Starts and stops the node with the host.</summary>
internal sealed class SwarmNodeHostedService(SwarmNode node) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => node.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync();
}
