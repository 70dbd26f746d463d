// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Enum = System.Enum;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>What specs of all kinds have in common: names, drivers, durations, enumerations.</summary>
internal static class CommonValidator
{
    // The range of google.protobuf.Duration: ten thousand years to either side.
    private const long DurationSecondsMax = 315_576_000_000;

    private const int NanosPerSecond = 1_000_000_000;

    // An update writes the old and the new spec, and up to three tasks with a copy each, in one log entry of 1 MiB.
    private const int SpecBytesMax = 256 * 1024;

    /// <summary>Refuses a spec so large that what is made of it would not fit into a log entry.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="kind">Its kind, for the text.</param>
    public static void SpecSize(IMessage spec, string kind)
    {
        int size = spec.CalculateSize();
        ControlRules.SpecSize.Require(size <= SpecBytesMax, kind, size, SpecBytesMax);
    }

    /// <summary>Refuses a name that no service or network may have.</summary>
    /// <param name="annotations">The annotations of the spec.</param>
    public static void ServiceName(Annotations? annotations)
    {
        string name = annotations?.Name ?? "";
        ControlRules.NamePresent.Require(name.Length > 0);
        ControlRules.NameLength.Require(name.Length <= SwarmNames.ServiceNameMax);
        ControlRules.NameForm.Require(SwarmNames.IsServiceName(name));
    }

    /// <summary>Refuses a name that no secret or config may have.</summary>
    /// <param name="annotations">The annotations of the spec.</param>
    public static void SecretName(Annotations? annotations)
    {
        string name = annotations?.Name ?? "";
        ControlRules.NamePresent.Require(name.Length > 0);
        ControlRules.SecretNameForm.Require(SwarmNames.IsSecretName(name));
    }

    /// <summary>Refuses a driver without a name.</summary>
    /// <param name="driver">The driver; none is fine.</param>
    public static void Driver(Driver? driver) => ControlRules.DriverName.Require(driver is null || driver.Name.Length > 0);

    /// <summary>Refuses a duration that is not in the form or range of the message.</summary>
    /// <param name="duration">The duration; none is fine.</param>
    /// <param name="what">What it is, for the text.</param>
    /// <returns>The time, or null where unset.</returns>
    public static TimeSpan? Time(Duration? duration, string what)
    {
        if (duration is null)
        {
            return null;
        }

        bool inRange = duration.Seconds is >= -DurationSecondsMax and <= DurationSecondsMax
            && duration.Nanos is > -NanosPerSecond and < NanosPerSecond
            && Math.Sign(duration.Seconds) * Math.Sign(duration.Nanos) >= 0;
        ControlRules.DurationForm.Require(inRange, what);
        return duration.ToTimeSpan();
    }

    /// <summary>Refuses a number that is no value of its enumeration.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="what">What it is, for the text.</param>
    public static void Known<T>(T value, string what)
        where T : struct, Enum => ControlRules.EnumValue.Require(Enum.IsDefined(value), what, value);
}
