// SPDX-License-Identifier: Apache-2.0
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>Keeps a node's identity in memory: for tests and simulations, where one instance outlives restarts of its node.</summary>
public sealed class InMemoryNodeIdentityStore : INodeIdentityStore
{
    private NodeCredentials? _credentials;
    private CertificateKeyPair? _root;
    private IReadOnlyList<string> _managers = [];
    private ClusterMark? _mark;

    /// <inheritdoc/>
    public NodeCredentials? Load(JoinToken? expected) => _credentials;

    /// <inheritdoc/>
    public void Save(NodeCredentials credentials) => _credentials = credentials;

    /// <inheritdoc/>
    public CertificateKeyPair? LoadRoot() => _root;

    /// <inheritdoc/>
    public void SaveRoot(CertificateKeyPair root) => _root = root;

    /// <inheritdoc/>
    public IReadOnlyList<string> LoadManagers() => _managers;

    /// <inheritdoc/>
    public void SaveManagers(IReadOnlyList<string> addresses) => _managers = [.. addresses];

    /// <inheritdoc/>
    public ClusterMark? LoadClusterMark() => _mark;

    /// <inheritdoc/>
    public void SaveClusterMark(string clusterId) => _mark = new ClusterMark(clusterId, "memory");
}
