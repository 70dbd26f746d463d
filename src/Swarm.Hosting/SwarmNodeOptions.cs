// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>What a <see cref="SwarmNode"/> is told. Checked when the node starts; not to be changed after that.</summary>
public sealed class SwarmNodeOptions
{
    /// <summary>Longest path of a unix socket that Linux takes, in bytes (sockaddr_un.sun_path less its closing zero, unix(7)).</summary>
    public const int SocketPathMax = 107;

    /// <summary>Most managers that a node keeps in mind, whoever names them: 64.</summary>
    public const int ManagersMax = 64;

    /// <summary>The directory in which the node keeps its certificate and tasks. Made if missing, readable by its owner only.</summary>
    /// <value>Default: <c>/var/lib/swarmd</c>.</value>
    public string StateDirectory { get; set; } = "/var/lib/swarmd";

    /// <summary>The name of this machine, shown in lists of nodes and used by constraints <c>node.hostname</c>.</summary>
    /// <value>Default: empty, the name that the operating system gives.</value>
    public string Hostname { get; set; } = "";

    /// <summary>Address of a manager to join, as host:port. Empty on a node that starts a cluster or has joined before.</summary>
    /// <value>Default: empty.</value>
    public string JoinAddress { get; set; } = "";

    /// <summary>The token that lets the node join, and says in which role.</summary>
    /// <value>Default: empty.</value>
    public string JoinToken { get; set; } = "";

    /// <summary>
    /// Declares the cluster: which node makes it; the others wait for it and join. Null: a node without <see cref="JoinToken"/> makes a cluster.
    /// </summary>
    /// <value>Default: null.</value>
    public ClusterBootstrapOptions? Bootstrap { get; set; }

    /// <summary>Where a manager listens for other nodes, as address:port. A worker opens nothing.</summary>
    /// <value>Default: <c>0.0.0.0:4242</c>.</value>
    public string ListenRemoteApi { get; set; } = "0.0.0.0:4242";

    /// <summary>Path of the unix socket on which a manager listens for its operators. Empty: no socket. A worker opens nothing.</summary>
    /// <value>Default: empty. At most <see cref="SocketPathMax"/> bytes.</value>
    public string ListenControlApi { get; set; } = "";

    /// <summary>The address under which other nodes reach this manager, as host:port.</summary>
    /// <value>Default: empty, what it listens on, or the machine's first address where that is a wildcard.</value>
    public string AdvertiseRemoteApi { get; set; } = "";

    /// <summary>Whether the node is given tasks from its first moment.</summary>
    /// <value>Default: active.</value>
    public NodeSpec.Types.Availability Availability { get; set; } = NodeSpec.Types.Availability.Active;

    /// <summary>Labels of the engine (constraints <c>engine.labels.KEY</c>).</summary>
    /// <value>Default: none.</value>
    public IDictionary<string, string> EngineLabels { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Whether tasks are ended when the node stops. If not, those that can live without the node (processes) go on and are found
    /// again at its next start.
    /// </summary>
    /// <value>Default: true.</value>
    public bool EndTasksAtStop { get; set; } = true;

    /// <summary>Longest time that joining a cluster may take, at the first start.</summary>
    /// <value>Default: 60 s.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks the values.</summary>
    /// <exception cref="SwarmException">InvalidArgument: one is missing or wrong; the text says which, and what to do.</exception>
    public void Validate()
    {
        Require(StateDirectory.Length > 0, "no state directory: give one (swarmd --state-dir DIR)");
        Bootstrap?.Validate();
        if (JoinAddress.Length > 0)
        {
            RequireAddress(JoinAddress, "--join-addr");
            Require(
                Bootstrap is not null || JoinToken.Length > 0,
                $"a join token is needed to join {JoinAddress}: get one with 'swarmctl cluster inspect default' on a manager (swarmd --join-token SWMTKN-1-…)");
        }

        if (JoinToken.Length > 0)
        {
            Require(
                Bootstrap is not null || JoinAddress.Length > 0,
                "a join token without the address of a manager to join: give it too (swarmd --join-addr HOST:PORT)");
            _ = Security.JoinToken.Parse(JoinToken);
        }

        RequireAddress(ListenRemoteApi, "--listen-remote-api");
        if (AdvertiseRemoteApi.Length > 0)
        {
            RequireAddress(AdvertiseRemoteApi, "--advertise-remote-api");
        }

        int socketBytes = System.Text.Encoding.UTF8.GetByteCount(ListenControlApi);
        Require(
            socketBytes <= SocketPathMax,
            $"the path of the control socket has {socketBytes} bytes, {SocketPathMax} is the limit of the system: choose a shorter one (swarmd --listen-control-api)");
        Require(StartTimeout > TimeSpan.Zero, "SwarmNodeOptions.StartTimeout must be more than zero");
    }

    private static void RequireAddress(string address, string flag) => NodeAddresses.RequireHostAndPort(address, flag);

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, message);
        }
    }
}
