// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Security;

/// <summary>
/// Holds the credentials a node has now. Servers and channels read it for each new connection, so that a renewal takes
/// effect without a restart. Thread-safe.
/// </summary>
/// <param name="initial">The first credentials; null for a node that has none yet.</param>
public sealed class NodeCredentialsSource(NodeCredentials? initial = null)
{
    private volatile NodeCredentials? _current = initial;

    /// <summary>Raised after a replacement, on the thread that replaced.</summary>
    public event EventHandler? Replaced;

    /// <summary>The credentials now; null while the node has none.</summary>
    public NodeCredentials? Current => _current;

    /// <summary>Replaces the credentials.</summary>
    /// <param name="credentials">The new ones.</param>
    public void Replace(NodeCredentials credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        _current = credentials;
        Replaced?.Invoke(this, EventArgs.Empty);
    }
}
