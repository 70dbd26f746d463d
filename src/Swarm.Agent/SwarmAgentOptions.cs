// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent;

/// <summary>What a <see cref="SwarmAgent"/> is told. Checked when the agent is made; not to be changed after that.</summary>
public sealed class SwarmAgentOptions
{
    /// <summary>The id of this node, as its certificate names it.</summary>
    /// <value>No default: must be set.</value>
    public string NodeId { get; set; } = "";

    /// <summary>The name of this machine, shown in lists of nodes.</summary>
    /// <value>Default: empty, which leaves the name that an executor describes.</value>
    public string Hostname { get; set; } = "";

    /// <summary>Labels of the engine (constraints <c>engine.labels.KEY</c>). They win over those that executors describe.</summary>
    /// <value>Default: none.</value>
    public IDictionary<string, string> EngineLabels { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Gives the trust root and the issuer of the node's present certificate; asked at each description of the node, in the
    /// agent's mailbox. The manager follows the rotation of its root by it.
    /// </summary>
    /// <value>Default: null, no TLS facts in the description.</value>
    public Func<NodeTLSInfo?>? TlsInfo { get; set; }

    /// <summary>The name that a manager's certificate must carry.</summary>
    /// <value>Default: <c>swarm-manager</c>.</value>
    public string ManagerServerName { get; set; } = "swarm-manager";

    /// <summary>The first bound of the random wait after a failed session.</summary>
    /// <value>Default: 100 ms.</value>
    public TimeSpan BackoffFirst { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The greatest bound of the random wait after a failed session.</summary>
    /// <value>Default: 8 s. At least <see cref="BackoffFirst"/>.</value>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Time allowed for one call to a manager, and for the first message of a session.</summary>
    /// <value>Default: 5 s.</value>
    public TimeSpan RpcTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two looks at the description of the node; a changed one opens the session anew.</summary>
    /// <value>Default: 20 s.</value>
    public TimeSpan DescriptionPeriod { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time from a temporary error of a task, of a report or of the state store to the next try.</summary>
    /// <value>Default: 1 s.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most task statuses in one report.</summary>
    /// <value>Default: 1000. Range: 1 … 10 000.</value>
    public int StatusesPerReportMax { get; set; } = 1000;

    /// <summary>Most log subscriptions served at once; further ones are answered as empty.</summary>
    /// <value>Default: 256. At least 1.</value>
    public int LogSubscriptionsMax { get; set; } = 256;

    /// <summary>Most log lines held for one subscription; its readers wait while it is full.</summary>
    /// <value>Default: 1024. At least 1.</value>
    public int LogLinesHeldMax { get; set; } = 1024;

    /// <summary>Most bytes of log data in one message to the manager; a longer line is cut into several messages.</summary>
    /// <value>Default: 64 KiB. Range: 1 KiB … 1 MiB.</value>
    public int LogBytesPerMessageMax { get; set; } = 64 * 1024;

    /// <summary>Longest time that draining at stop may take; what still runs then is terminated.</summary>
    /// <value>Default: 1 min.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is missing or out of range; the text names it.</exception>
    public void Validate()
    {
        Require(NodeId.Length > 0, nameof(NodeId), "must be set");
        Require(ManagerServerName.Length > 0, nameof(ManagerServerName), "must not be empty");
        RequirePositive(BackoffFirst, nameof(BackoffFirst));
        Require(BackoffMax >= BackoffFirst, nameof(BackoffMax), $"must be at least {nameof(BackoffFirst)}");
        RequirePositive(RpcTimeout, nameof(RpcTimeout));
        RequirePositive(DescriptionPeriod, nameof(DescriptionPeriod));
        RequirePositive(RetryDelay, nameof(RetryDelay));
        RequirePositive(DrainTimeout, nameof(DrainTimeout));
        Require(StatusesPerReportMax is >= 1 and <= 10_000, nameof(StatusesPerReportMax), "must be 1 to 10000");
        Require(LogSubscriptionsMax >= 1, nameof(LogSubscriptionsMax), "must be at least 1");
        Require(LogLinesHeldMax >= 1, nameof(LogLinesHeldMax), "must be at least 1");
        Require(LogBytesPerMessageMax is >= 1024 and <= 1024 * 1024, nameof(LogBytesPerMessageMax), "must be 1 KiB to 1 MiB");
    }

    private static void RequirePositive(TimeSpan value, string name) => Require(value > TimeSpan.Zero, name, "must be above zero");

    private static void Require(bool holds, string name, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"SwarmAgentOptions.{name} {rule}");
        }
    }
}
