// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Swarm.Hosting;

/// <content>How a node stops.</content>
public sealed partial class SwarmNode
{
    private async Task StopInMailboxAsync(bool endTasks)
    {
        bool ran = _telemetry.Phase == SwarmNodePhase.Running;
        _telemetry.Phase = SwarmNodePhase.Stopping;
        using Activity? activity = NodeTelemetry.Activities.StartActivity("swarm.node.stop");
        activity?.SetTag("swarm.node.id", NodeId);
        _stopping.Cancel();
        if (_started)
        {
            await _startEnded.Task;
        }

        if (ran)
        {
            HostingLog.Stops(_logger, NodeId, endTasks ? "ended" : "left to run where they can");
        }

        // Each part is stopped whatever becomes of the others.
        try
        {
            await (_agent?.StopAsync(endTasks) ?? Task.CompletedTask);
            await (_keeper?.StopAsync() ?? Task.CompletedTask);
            await _publishing;
            await (_local?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            try
            {
                await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
            finally
            {
                try
                {
                    await (Manager?.DisposeAsync() ?? ValueTask.CompletedTask);
                }
                finally
                {
                    _telemetry.Phase = SwarmNodePhase.Stopped;
                    await _parts.Tasks.DisposeAsync();
                }
            }
        }
    }
}
