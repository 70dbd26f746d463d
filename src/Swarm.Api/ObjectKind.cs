// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Api;

/// <summary>The kinds of objects in a cluster's replicated state; one table each.</summary>
public enum ObjectKind
{
    /// <summary>A machine of the cluster.</summary>
    Node,

    /// <summary>A wish: what shall run, how often, how.</summary>
    Service,

    /// <summary>One unit of work, placed once and never moved.</summary>
    Task,

    /// <summary>A network that tasks attach to.</summary>
    Network,

    /// <summary>The cluster itself: its settings, roots of trust and keys. There is one.</summary>
    Cluster,

    /// <summary>Confidential data for tasks.</summary>
    Secret,

    /// <summary>Plain data for tasks.</summary>
    Config,

    /// <summary>An object of a kind that an extension declared.</summary>
    Resource,

    /// <summary>The declaration of a kind of resources.</summary>
    Extension,

    /// <summary>A cluster volume, served by a CSI plugin.</summary>
    Volume,
}
