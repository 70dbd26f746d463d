// SPDX-License-Identifier: Apache-2.0
using static Swarm.Core.SwarmErrorCode;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>Every rule of the control API, by kind; the texts are the ones SwarmKit's users know where there are such.</summary>
internal static partial class ControlRules
{
    public static readonly ControlRule ObjectId = new("object-id", InvalidArgument, "{0} ID must be provided");

    public static readonly ControlRule ObjectVersion = new(
        "object-version",
        InvalidArgument,
        "the version of the {0} must be provided: send the one that was last read");

    public static readonly ControlRule ObjectSequence = new("object-sequence", OutOfSequence, "update out of sequence");

    public static readonly ControlRule SpecPresent = new("spec-present", InvalidArgument, "{0} spec must be provided");

    public static readonly ControlRule SpecSize = new(
        "spec-size",
        InvalidArgument,
        "the {0} spec takes {1} bytes, more than the {2} it may: put large data into configs");

    public static readonly ControlRule ObjectExists = new("object-exists", NotFound, "{0} {1} not found");

    public static readonly ControlRule NamePresent = new("name-present", InvalidArgument, "name must be provided");

    public static readonly ControlRule NameForm = new("name-form", InvalidArgument, "name must be valid as a DNS name component");

    public static readonly ControlRule NameLength = new("name-length", InvalidArgument, "name must be 63 characters or fewer");

    public static readonly ControlRule SecretNameForm = new(
        "secret-name-form",
        InvalidArgument,
        "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]");

    public static readonly ControlRule NameFree = new(
        "name-free",
        AlreadyExists,
        "name conflicts with an existing object: {0} {1} already exists");

    public static readonly ControlRule DriverName = new(
        "driver-name",
        InvalidArgument,
        "driver name: if driver is specified name is required");

    public static readonly ControlRule DurationForm = new("duration-form", InvalidArgument, "{0} is not a valid duration");

    public static readonly ControlRule EnumValue = new("enum-value", InvalidArgument, "{0}: {1} is not a known value");

    public static readonly ControlRule AnswerSize = new(
        "answer-size",
        ResourceExhausted,
        "the answer would hold {0} bytes, more than the {1} of one message: ask for less, for example by ID prefixes");
}
