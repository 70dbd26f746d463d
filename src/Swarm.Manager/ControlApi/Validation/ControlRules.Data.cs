// SPDX-License-Identifier: Apache-2.0
using static Swarm.Core.SwarmErrorCode;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>Rules of secrets, configs, extensions and resources.</summary>
internal static partial class ControlRules
{
    public static readonly ControlRule DataSize = new(
        "data-size",
        InvalidArgument,
        "{0} data must be larger than 0 and less than {1} bytes");

    public static readonly ControlRule DataFixed = new("data-fixed", InvalidArgument, "only updates to Labels are allowed");

    public static readonly ControlRule DataInUse = new("data-in-use", InvalidArgument, "{0} '{1}' is in use by the following {2}: {3}");

    public static readonly ControlRule SecretDriverLater = new(
        "secret-driver-later",
        Unimplemented,
        "secrets from a driver come with a later version");

    public static readonly ControlRule TemplatingLater = new(
        "templating-later",
        Unimplemented,
        "templates in secrets and configs come with a later version");

    public static readonly ControlRule ExtensionInUse = new(
        "extension-in-use",
        InvalidArgument,
        "extension {0} has resources: remove them first");

    public static readonly ControlRule ResourceKind = new(
        "resource-kind",
        InvalidArgument,
        "kind {0} is not registered: create an extension of this name first");

    public static readonly ControlRule ResourceRename = new(
        "resource-rename",
        InvalidArgument,
        "the name of a resource cannot be changed");
}
