// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Agent;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Hosting;

/// <content>What the agent tells its node.</content>
public sealed partial class SwarmNode
{
    // Called in the agent's mailbox; the node's own state is changed in its own.
    private sealed class Observer(SwarmNode node) : IAgentObserver
    {
        public void OnSessionOpened(string sessionId, string manager)
        {
            HostingLog.SessionOpened(node._logger, manager);
            node._telemetry.SessionOpened(manager);
            node._mailbox.Post(() => node._losses = 0);
        }

        public void OnSessionLost(SwarmErrorCode code, string reason)
        {
            string hint = code == SwarmErrorCode.NotFound
                ? "; the manager does not know this node: it was removed, or the manager lost its memory at a restart. To be in the cluster again it has to join from an empty state directory"
                : "";
            HostingLog.SessionLost(node._logger, code, reason, hint);
            node._telemetry.SessionLost(reason);
            node._mailbox.Post(node.OnManagerLost);
        }

        public void OnExecutorDescribed(string executor, string problem) => node._telemetry.ExecutorDescribed(executor, problem);

        public void OnNodeChanged(Node changed) => node._mailbox.Post(() => node._keeper?.OnNodeChanged(changed));

        public void OnManagersChanged(IReadOnlyList<WeightedPeer> managers) => node._mailbox.Post(() =>
        {
            string[] addresses = [.. managers.Select(m => m.Peer?.Addr ?? "").Where(a => a.Length > 0)];
            if (addresses.Length > 0 && node.Manager is null && node._stopped is null)
            {
                node._knownManagers = addresses;
                node._keeper?.OnManagersChanged(addresses);
                node.KeepManagers(addresses);
            }
        });

        public void OnRootCaChanged(ByteString rootCaPem) => node._mailbox.Post(() => node._keeper?.OnRootChanged(rootCaPem, node._parts.Issuer));
    }
}
