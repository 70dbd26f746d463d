// SPDX-License-Identifier: Apache-2.0
using static Swarm.Core.SwarmErrorCode;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>Rules of nodes.</summary>
internal static partial class ControlRules
{
    public static readonly ControlRule NodeLastManager = new(
        "node-last-manager",
        FailedPrecondition,
        "attempting to demote the last manager of the swarm");

    public static readonly ControlRule NodeDemoteLater = new(
        "node-demote-later",
        Unimplemented,
        "demoting a manager comes with a later version, together with several managers");

    public static readonly ControlRule NodePromoteLater = new(
        "node-promote-later",
        Unimplemented,
        "promoting a node comes with a later version: this version runs one manager");

    public static readonly ControlRule NodeRemoveManager = new(
        "node-remove-manager",
        FailedPrecondition,
        "node {0} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal");

    public static readonly ControlRule NodeRemoveReady = new(
        "node-remove-ready",
        FailedPrecondition,
        "node {0} is not down and can't be removed");
}
