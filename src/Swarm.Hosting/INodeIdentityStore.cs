// SPDX-License-Identifier: Apache-2.0
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>Where a node keeps who it is, over restarts. Calls come from one mailbox.</summary>
public interface INodeIdentityStore
{
    /// <summary>What is kept.</summary>
    /// <param name="expected">A token of the cluster that the node should be in; null if any will do.</param>
    /// <returns>The credentials; null if the node has none yet.</returns>
    /// <exception cref="Swarm.Core.SwarmException">What is kept is damaged, or of another cluster than the token's.</exception>
    NodeCredentials? Load(JoinToken? expected);

    /// <summary>Keeps credentials; all or nothing, on disk when it returns.</summary>
    /// <param name="credentials">The new ones.</param>
    void Save(NodeCredentials credentials);

    /// <summary>The root key pair of a cluster that was born here.</summary>
    /// <returns>The pair; null on a node that started no cluster.</returns>
    CertificateKeyPair? LoadRoot();

    /// <summary>Keeps the root key pair of a cluster born here.</summary>
    /// <param name="root">The pair.</param>
    void SaveRoot(CertificateKeyPair root);

    /// <summary>The managers that were last known, so that a node finds its cluster after a restart.</summary>
    /// <returns>Addresses as host:port.</returns>
    IReadOnlyList<string> LoadManagers();

    /// <summary>Keeps the managers known now.</summary>
    /// <param name="addresses">Addresses as host:port.</param>
    void SaveManagers(IReadOnlyList<string> addresses);

    /// <summary>The trace of a declared cluster that was made here; kept so that it outlives the loss of everything else here.</summary>
    /// <returns>The trace; null if none was made, or no trace can be kept.</returns>
    ClusterMark? LoadClusterMark() => null;

    /// <summary>Keeps the trace of a declared cluster that is made here.</summary>
    /// <param name="clusterId">The id of the cluster.</param>
    void SaveClusterMark(string clusterId)
    {
    }
}
