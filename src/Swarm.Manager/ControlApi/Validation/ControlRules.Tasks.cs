// SPDX-License-Identifier: Apache-2.0
using static Swarm.Core.SwarmErrorCode;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>Rules of task specs.</summary>
internal static partial class ControlRules
{
    public static readonly ControlRule RuntimePresent = new("runtime-present", InvalidArgument, "TaskSpec: missing runtime");

    public static readonly ControlRule RuntimeKnown = new(
        "runtime-known",
        Unimplemented,
        "RuntimeSpec: unimplemented runtime in service spec");

    public static readonly ControlRule CpuFloor = new("cpu-floor", InvalidArgument, "invalid cpu value {0}: Must be at least 0.001");

    public static readonly ControlRule MemoryFloor = new(
        "memory-floor",
        InvalidArgument,
        "invalid memory value {0}: Must be at least 4MiB");

    public static readonly ControlRule GenericResource = new(
        "generic-resource",
        InvalidArgument,
        "invalid generic resource {0}: a task asks for a count of at least 1 of each kind, each kind once");

    public static readonly ControlRule RestartDelay = new("restart-delay", InvalidArgument, "TaskSpec: restart-delay cannot be negative");

    public static readonly ControlRule RestartWindow = new(
        "restart-window",
        InvalidArgument,
        "TaskSpec: restart-window cannot be negative");

    public static readonly ControlRule Constraint = new("constraint", InvalidArgument, "{0}");

    public static readonly ControlRule ImagePresent = new(
        "image-present",
        InvalidArgument,
        "ContainerSpec: image reference must be provided");

    public static readonly ControlRule ImageForm = new(
        "image-form",
        InvalidArgument,
        "ContainerSpec: \"{0}\" is not a valid repository/tag");

    public static readonly ControlRule StopSignal = new(
        "stop-signal",
        InvalidArgument,
        "{0}: \"{1}\" is not a signal: give a name such as SIGTERM or a number from 1 to 64");

    public static readonly ControlRule StopGrace = new("stop-grace", InvalidArgument, "{0}: stop grace period cannot be negative");

    public static readonly ControlRule HealthTime = new(
        "health-time",
        InvalidArgument,
        "ContainerSpec: {0} in HealthConfig cannot be less than 1ms");

    public static readonly ControlRule HealthRetries = new(
        "health-retries",
        InvalidArgument,
        "ContainerSpec: Retries in HealthConfig cannot be negative");

    public static readonly ControlRule MountTarget = new("mount-target", InvalidArgument, "ContainerSpec: mount target must be provided");

    public static readonly ControlRule MountDuplicate = new(
        "mount-duplicate",
        InvalidArgument,
        "ContainerSpec: duplicate mount point: {0}");

    public static readonly ControlRule MountSource = new("mount-source", InvalidArgument, "ContainerSpec: {0} mount {1} needs a source");

    public static readonly ControlRule MountSize = new(
        "mount-size",
        InvalidArgument,
        "ContainerSpec: size of tmpfs mount {0} cannot be negative");

    public static readonly ControlRule MountClusterVolume = new(
        "mount-cluster",
        InvalidArgument,
        "ContainerSpec: {0} is a cluster volume: mount it with type cluster, not {1}");

    public static readonly ControlRule SecretReference = new("secret-reference", InvalidArgument, "malformed {0} reference: {1}");

    public static readonly ControlRule SecretTarget = new(
        "secret-target",
        InvalidArgument,
        "{0} references '{1}' and '{2}' have a conflicting target: '{3}'");

    public static readonly ControlRule GenericKind = new(
        "generic-kind",
        InvalidArgument,
        "Generic runtime: kind \"{0}\" must have at least 3 characters, and be neither container nor attachment");

    public static readonly ControlRule GenericPayload = new(
        "generic-payload",
        InvalidArgument,
        "Generic runtime: payload must be provided");

    public static readonly ControlRule ResourceReference = new(
        "resource-reference",
        InvalidArgument,
        "TaskSpec: a resource reference needs an ID, and the type secret or config");

    public static readonly ControlRule ProcessPayload = new(
        "process-payload",
        InvalidArgument,
        "Process: the payload is not a swarm.ext.v1.ProcessSpec");

    public static readonly ControlRule ProcessCommand = new("process-command", InvalidArgument, "Process: command must be provided");

    public static readonly ControlRule ProcessText = new("process-text", InvalidArgument, "Process: {0} cannot hold a zero byte");

    public static readonly ControlRule ProcessEnvironment = new(
        "process-env",
        InvalidArgument,
        "Process: environment variable \"{0}\" is not of the form NAME=VALUE");

    public static readonly ControlRule ProcessDirectory = new(
        "process-dir",
        InvalidArgument,
        "Process: working directory {0} is not an absolute path");

    public static readonly ControlRule ProcessUser = new(
        "process-user",
        InvalidArgument,
        "Process: user \"{0}\" is not of the form USER or USER:GROUP");
}
