// SPDX-License-Identifier: Apache-2.0
using static Swarm.Core.SwarmErrorCode;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>Rules of services.</summary>
internal static partial class ControlRules
{
    public static readonly ControlRule ServiceMode = new(
        "service-mode",
        InvalidArgument,
        "service mode must be provided: replicated, global, replicated job or global job");

    public static readonly ControlRule ServiceRename = new("service-rename", Unimplemented, "renaming services is not supported");

    public static readonly ControlRule ServiceModeFixed = new("service-mode-fixed", Unimplemented, "service mode change is not allowed");

    public static readonly ControlRule ServiceNetworksMoved = new(
        "service-networks",
        Unimplemented,
        "networks must be migrated to TaskSpec before being changed");

    public static readonly ControlRule ServiceRollback = new(
        "service-rollback",
        FailedPrecondition,
        "service {0} does not have a previous spec");

    public static readonly ControlRule UpdateDelay = new("update-delay", InvalidArgument, "TaskSpec: {0}-delay cannot be negative");

    public static readonly ControlRule UpdateMonitor = new("update-monitor", InvalidArgument, "TaskSpec: {0}-monitor cannot be negative");

    public static readonly ControlRule UpdateRatio = new(
        "update-ratio",
        InvalidArgument,
        "TaskSpec: {0}-maxfailureratio cannot be less than 0 or bigger than 1");

    public static readonly ControlRule JobUpdate = new(
        "job-update",
        InvalidArgument,
        "update and rollback configurations are not allowed for a job");

    public static readonly ControlRule JobsLater = new(
        "jobs-later",
        Unimplemented,
        "job services come with a later version: use a replicated or global service");

    public static readonly ControlRule PortRange = new(
        "port-range",
        InvalidArgument,
        "EndpointSpec: {0} port {1} is not between 1 and 65535");

    public static readonly ControlRule PortDuplicate = new(
        "port-duplicate",
        InvalidArgument,
        "EndpointSpec: duplicate published ports provided");

    public static readonly ControlRule PortIngressVip = new(
        "port-ingress-vip",
        InvalidArgument,
        "EndpointSpec: port published with ingress mode can't be used with dnsrr mode");

    public static readonly ControlRule PortTaken = new(
        "port-taken",
        InvalidArgument,
        "port '{0}' is already in use by service '{1}' ({2}) as {3} port");

    public static readonly ControlRule PortIngressNetwork = new(
        "port-ingress-network",
        FailedPrecondition,
        "service needs ingress network, but no ingress network is present: publish the port in host " +
        "mode, or let tasks choose their ports");

    public static readonly ControlRule NetworkFound = new("network-found", InvalidArgument, "network {0} not found");

    public static readonly ControlRule NetworkIngress = new(
        "network-ingress",
        InvalidArgument,
        "Service cannot be explicitly attached to the ingress network {0}");

    public static readonly ControlRule SecretFound = new("secret-found", InvalidArgument, "secret not found: {0}");

    public static readonly ControlRule ConfigFound = new("config-found", InvalidArgument, "config not found: {0}");
}
