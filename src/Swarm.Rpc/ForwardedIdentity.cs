// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Security;

namespace Swarm.Rpc;

/// <summary>
/// How a manager that forwards a call to the leader says who made it: metadata with SwarmKit's names. Only what a manager of the
/// same cluster says is believed; <see cref="AuthorizationInterceptor"/> sees to that.
/// </summary>
/// <param name="Subject">Subject of the origin's certificate; null for an origin without one.</param>
/// <param name="RemoteAddress">Where the origin's call came from.</param>
public sealed record ForwardedIdentity(CertificateSubject? Subject, string RemoteAddress)
{
    private const string Marker = "forwarded_cert";
    private const string Name = "forwarded_cert_cn";
    private const string Organization = "forwarded_cert_org";
    private const string Unit = "forwarded_cert_ou";
    private const string Address = "remote_addr";
    private const string Redirect = "redirect";

    /// <summary>Says who made a call that is forwarded.</summary>
    /// <param name="caller">The origin. A local one is not named: the call is then the forwarding manager's own.</param>
    /// <param name="peer">Address of the connection the call came in by.</param>
    /// <returns>The metadata to send.</returns>
    public static Metadata Write(ICallerIdentity caller, string peer)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.IsLocal)
        {
            return new Metadata { { Redirect, "@" } };
        }

        string unit = caller.Role switch
        {
            CallerRole.Manager => SwarmRoleNames.Manager,
            CallerRole.Worker => SwarmRoleNames.Worker,
            _ => "",
        };
        return new Metadata
        {
            { Marker, "true" },
            { Name, caller.NodeId },
            { Organization, caller.Organization },
            { Unit, unit },
            { Address, caller.RemoteAddress },
            { Redirect, peer },
        };
    }

    /// <summary>Whether a call was forwarded already; it must not be forwarded again.</summary>
    /// <param name="headers">The headers of the call.</param>
    /// <returns>True if it was.</returns>
    public static bool IsForwarded(Metadata headers) => headers.Any(h => h.Key == Redirect);

    /// <summary>Reads who made a call, as the forwarding manager says.</summary>
    /// <param name="headers">The headers of the call.</param>
    /// <param name="identity">The origin.</param>
    /// <returns>False if the headers name none, so that the call is the sender's own.</returns>
    public static bool TryRead(Metadata headers, out ForwardedIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(headers);
        identity = new ForwardedIdentity(null, headers.GetValue(Address) ?? "");
        if (headers.GetValue(Marker) != "true")
        {
            return false;
        }

        string name = headers.GetValue(Name) ?? "";
        if (name.Length > 0)
        {
            // Units may repeat; ours is the one that names a role.
            string[] units = [.. headers.GetAll(Unit).Select(u => u.Value)];
            string unit = units.FirstOrDefault(u => SwarmRoleNames.TryParse(u, out _)) ?? "";
            identity = identity with { Subject = new CertificateSubject(headers.GetValue(Organization) ?? "", unit, name) };
        }

        return true;
    }
}
