// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api.Ext;

namespace Swarm.Runtime;

/// <summary>Reads what a task of kind <c>inproc</c> is to run.</summary>
internal static class InProcessPayload
{
    // Timers take at most 49 days, and nobody waits that long for work to end.
    private static readonly TimeSpan GraceMax = TimeSpan.FromDays(1);

    /// <summary>Reads the specification.</summary>
    /// <exception cref="TaskControllerException">It is none, or says what cannot be.</exception>
    public static InProcessSpec Read(Api.Task task)
    {
        InProcessSpec? spec;
        try
        {
            spec = Unpack(task);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new TaskControllerException("the specification of the work cannot be read: it is not a swarm.ext.v1.InProcessSpec", e);
        }

        if (spec is null)
        {
            throw new TaskControllerException("the payload of an 'inproc' task must be a swarm.ext.v1.InProcessSpec");
        }

        return Allows(spec.StopGracePeriod)
            ? spec
            : throw new TaskControllerException($"the stop grace period of an 'inproc' task must be from 0 to {GraceMax.TotalSeconds:0} s");
    }

    /// <summary>Reads the specification; null where <see cref="Read"/> would throw.</summary>
    public static InProcessSpec? TryRead(Api.Task task)
    {
        try
        {
            return Unpack(task) is { } spec && Allows(spec.StopGracePeriod) ? spec : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static InProcessSpec? Unpack(Api.Task task) =>
        task.Spec.Generic.Payload?.TryUnpack(out InProcessSpec spec) == true ? spec : null;

    // By its fields: a duration out of its own range cannot be converted.
    private static bool Allows(Duration? grace) =>
        grace is null || (grace is { Seconds: >= 0, Nanos: >= 0 and < 1_000_000_000 } && grace.Seconds <= GraceMax.TotalSeconds);
}
