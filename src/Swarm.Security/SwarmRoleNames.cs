// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Security;

/// <summary>The names by which certificates tell what a node may do, and by which a client names the server it expects.</summary>
public static class SwarmRoleNames
{
    /// <summary>Organizational unit of a manager's certificate, and the server name under which managers are called.</summary>
    public const string Manager = "swarm-manager";

    /// <summary>Organizational unit of a worker's certificate.</summary>
    public const string Worker = "swarm-worker";

    /// <summary>Common name of root certificates, and the server name under which a node without certificate calls a manager.</summary>
    public const string CertificateAuthority = "swarm-ca";

    /// <summary>The organizational unit of a role.</summary>
    /// <param name="role">The role.</param>
    /// <returns><see cref="Manager"/> or <see cref="Worker"/>.</returns>
    public static string OrganizationalUnit(NodeRole role) => role == NodeRole.Manager ? Manager : Worker;

    /// <summary>The role that an organizational unit stands for.</summary>
    /// <param name="organizationalUnit">The text in the certificate.</param>
    /// <param name="role">The role, if there is one.</param>
    /// <returns>False if the unit is neither of the two.</returns>
    public static bool TryParse(string organizationalUnit, out NodeRole role)
    {
        role = organizationalUnit == Manager ? NodeRole.Manager : NodeRole.Worker;
        return organizationalUnit is Manager or Worker;
    }
}
