// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;

namespace Swarm.Api;

/// <summary>
/// Which role a certificate must name for its holder to call a method, as data. In SwarmKit this is an option in the protos;
/// here it is one table that the authorisation reads and a test holds against all services.
/// </summary>
public static class MethodRoles
{
    private const AllowedCallers Nodes = AllowedCallers.Worker | AllowedCallers.Manager;
    private const AllowedCallers Everyone = AllowedCallers.Anyone | Nodes;

    private static readonly FrozenDictionary<string, AllowedCallers> Table = Build();

    /// <summary>Every method of every service of the contracts, by full name ("/docker.swarmkit.v1.Control/ListNodes").</summary>
    public static IReadOnlyDictionary<string, AllowedCallers> All => Table;

    /// <summary>Who may call a method.</summary>
    /// <param name="fullMethod">The full name, as gRPC gives it: "/package.Service/Method".</param>
    /// <returns>The callers; <see cref="AllowedCallers.None"/> for a method that is not known, so that it is refused.</returns>
    public static AllowedCallers Of(string fullMethod) => Table.GetValueOrDefault(fullMethod, AllowedCallers.None);

    private static FrozenDictionary<string, AllowedCallers> Build()
    {
        var table = new Dictionary<string, AllowedCallers>(StringComparer.Ordinal);
        Add(table, Everyone, "/docker.swarmkit.v1.CA/",
            "GetRootCACertificate");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.CA/",
            "GetUnlockKey");
        Add(table, Everyone, "/docker.swarmkit.v1.NodeCA/",
            "IssueNodeCertificate", "NodeCertificateStatus");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.Control/",
            "GetNode", "ListNodes", "UpdateNode", "RemoveNode", "GetTask", "ListTasks", "RemoveTask", "GetService", "ListServices",
            "CreateService", "UpdateService", "RemoveService", "ListServiceStatuses", "GetNetwork", "ListNetworks", "CreateNetwork",
            "RemoveNetwork", "GetCluster", "ListClusters", "UpdateCluster", "GetSecret", "UpdateSecret", "ListSecrets", "CreateSecret",
            "RemoveSecret", "GetConfig", "UpdateConfig", "ListConfigs", "CreateConfig", "RemoveConfig", "GetExtension",
            "CreateExtension", "RemoveExtension", "GetResource", "UpdateResource", "ListResources", "CreateResource", "RemoveResource",
            "CreateVolume", "GetVolume", "UpdateVolume", "ListVolumes", "RemoveVolume");
        Add(table, Nodes, "/docker.swarmkit.v1.Dispatcher/",
            "Session", "Heartbeat", "UpdateTaskStatus", "UpdateVolumeStatus", "Tasks", "Assignments");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.Health/",
            "Check");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.Logs/",
            "SubscribeLogs");
        Add(table, Nodes, "/docker.swarmkit.v1.LogBroker/",
            "ListenSubscriptions", "PublishLogs");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.Raft/",
            "ProcessRaftMessage", "StreamRaftMessage", "ResolveAddress");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.RaftMembership/",
            "Join", "Leave");
        Add(table, Nodes, "/docker.swarmkit.v1.ResourceAllocator/",
            "AttachNetwork", "DetachNetwork");
        Add(table, AllowedCallers.Manager, "/docker.swarmkit.v1.Watch/",
            "Watch");
        Add(table, Nodes, "/swarm.ext.v1.Departure/",
            "Announce");
        Add(table, Everyone, "/swarm.ext.v1.Peer/",
            "Capabilities");
        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(
        Dictionary<string, AllowedCallers> table, AllowedCallers callers, string service, params ReadOnlySpan<string> methods)
    {
        foreach (string method in methods)
        {
            table.Add(service + method, callers);
        }
    }
}
