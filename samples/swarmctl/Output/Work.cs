// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What a task runs.</summary>
internal static class Work
{
    /// <summary>The kind of tasks that are processes of the operating system.</summary>
    public const string ProcessKind = "process";

    /// <summary>The image of a container, the command of a process, the kind of anything else.</summary>
    /// <param name="spec">The task spec; null for none.</param>
    /// <returns>The text; empty for none.</returns>
    public static string Of(TaskSpec? spec) => spec?.RuntimeCase switch
    {
        TaskSpec.RuntimeOneofCase.Container => spec.Container.Image,
        TaskSpec.RuntimeOneofCase.Generic => Process(spec)?.Command ?? spec.Generic.Kind,
        TaskSpec.RuntimeOneofCase.Attachment => "attachment",
        _ => "",
    };

    /// <summary>The process that a task is.</summary>
    /// <param name="spec">The task spec; null for none.</param>
    /// <returns>A new message, or null if it is no process.</returns>
    public static ProcessSpec? Process(TaskSpec? spec)
    {
        if (spec?.Generic is not { } generic || generic.Payload?.Is(ProcessSpec.Descriptor) != true)
        {
            return null;
        }

        try
        {
            return generic.Payload.Unpack<ProcessSpec>();
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
