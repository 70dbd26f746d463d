// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Agent.Assignments;

/// <summary>What an assignment message means for the node, in the order in which to do it.</summary>
internal abstract record AssignmentOutput
{
    /// <summary>A secret is new or has changed.</summary>
    internal sealed record SecretPut(Secret Secret) : AssignmentOutput;

    /// <summary>A config is new or has changed.</summary>
    internal sealed record ConfigPut(Config Config) : AssignmentOutput;

    /// <summary>A task is new or has changed.</summary>
    internal sealed record TaskPut(Api.Task Task) : AssignmentOutput;

    /// <summary>A task was taken away: end it and clean up.</summary>
    internal sealed record TaskGone(string Id) : AssignmentOutput;

    /// <summary>A secret is no longer needed.</summary>
    internal sealed record SecretGone(string Id) : AssignmentOutput;

    /// <summary>A config is no longer needed.</summary>
    internal sealed record ConfigGone(string Id) : AssignmentOutput;

    /// <summary>A message is missing: open the stream anew, from where a complete set follows.</summary>
    internal sealed record Gap(string Expected, string Got) : AssignmentOutput;
}
