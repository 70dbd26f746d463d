// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>Objects as JSON, by the mapping of Protocol Buffers.</summary>
internal static class Json
{
    private static readonly JsonFormatter _formatter = new(
        JsonFormatter.Settings.Default.WithIndentation().WithTypeRegistry(TypeRegistry.FromMessages(ProcessSpec.Descriptor)));

    /// <summary>Writes one object.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="message">The object.</param>
    public static void Write(TextWriter output, IMessage message) => output.WriteLine(Format(message));

    /// <summary>Writes objects as an array.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="messages">The objects.</param>
    public static void Write(TextWriter output, IEnumerable<IMessage> messages) =>
        output.WriteLine("[" + string.Join(",\n", messages.Select(Format)) + "]");

    private static string Format(IMessage message)
    {
        try
        {
            return _formatter.Format(message);
        }
        catch (InvalidOperationException e)
        {
            // A payload of a type that only its executor knows.
            throw new SwarmException(SwarmErrorCode.Unimplemented, "cannot write this object as JSON: " + e.Message, e);
        }
    }
}
