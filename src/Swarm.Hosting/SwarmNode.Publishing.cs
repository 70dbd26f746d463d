// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Hosting;

/// <content>What the first node of a declared cluster makes known.</content>
public sealed partial class SwarmNode
{
    // The token that is published, and the managers that answer, still keep a second cluster away.
    private void KeepMark(string clusterId)
    {
        try
        {
            _parts.Identity.SaveClusterMark(clusterId);
        }
        catch (SwarmException e)
        {
            HostingLog.MarkNotKept(_logger, e.Message);
        }
    }

    // The operator may replace the token at any time; who joins later needs the new one.
    private async Task PublishTokensAsync(SwarmManager manager, string published)
    {
        if (_options.Bootstrap is null || _parts.TokenPublisher is not { } publisher)
        {
            return;
        }

        try
        {
            using FeedReader feed = manager.Writer.Feed.Subscribe();
            while (await feed.WaitAsync(_stopping.Token))
            {
                string token = published;
                while (feed.TryRead(out FeedItem? item))
                {
                    token = item.View.All<Cluster>().FirstOrDefault()?.RootCa?.JoinTokens?.Worker ?? token;
                }

                if (token != published)
                {
                    published = token;
                    await PublishAsync(publisher, token);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task PublishAsync(IJoinTokenPublisher publisher, string token)
    {
        try
        {
            await publisher.PublishAsync(token, _stopping.Token);
        }
        catch (SwarmException e)
        {
            HostingLog.TokenNotPublished(_logger, e.Message);
        }
    }
}
