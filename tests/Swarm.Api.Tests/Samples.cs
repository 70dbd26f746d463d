// SPDX-License-Identifier: Apache-2.0
using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Swarm.Api.Tests;

/// <summary>Fills messages with values that differ from the defaults, and from each other by number.</summary>
internal static class Samples
{
    private const int Depth = 2;

    /// <summary>A message with every field set (of each oneof the given one, or the first), and an unknown field.</summary>
    public static IMessage Make(MessageDescriptor type, int number, FieldDescriptor? chosen = null, int depth = Depth)
    {
        IMessage message = type.Parser.ParseFrom(UnknownField(number));
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder())
        {
            FieldDescriptor? picked = field.RealContainingOneof is { } oneof
                ? oneof == chosen?.RealContainingOneof ? chosen : oneof.Fields[0]
                : field;
            if (picked == field)
            {
                Set(message, field, number, depth);
            }
        }

        return message;
    }

    /// <summary>Field 100,000 with a number in it, which no message of ours knows.</summary>
    public static byte[] UnknownField(int number)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(100_000, WireFormat.WireType.Varint);
            output.WriteInt32(number);
        }

        return stream.ToArray();
    }

    private static void Set(IMessage message, FieldDescriptor field, int number, int depth)
    {
        if (field.IsMap)
        {
            var map = (IDictionary)field.Accessor.GetValue(message);
            IList<FieldDescriptor> entry = field.MessageType.Fields.InFieldNumberOrder();
            map[Value(entry[0], number, depth)!] = Value(entry[1], number, depth);
            map[Value(entry[0], number + 1, depth)!] = Value(entry[1], number + 1, depth);
        }
        else if (field.IsRepeated)
        {
            var list = (IList)field.Accessor.GetValue(message);
            list.Add(Value(field, number, depth));
            list.Add(Value(field, number + 1, depth));
        }
        else
        {
            field.Accessor.SetValue(message, Value(field, number, depth));
        }
    }

    private static object? Value(FieldDescriptor field, int number, int depth)
    {
        string text = "v" + number.ToString(CultureInfo.InvariantCulture);
        return field.FieldType switch
        {
            FieldType.Message when field.MessageType.FullName == "google.protobuf.Int64Value" => (long)number,
            FieldType.Message when field.MessageType.FullName == "google.protobuf.BoolValue" => number % 2 == 1,
            FieldType.Message when depth == 0 => Activator.CreateInstance(field.MessageType.ClrType),
            FieldType.Message => Make(field.MessageType, number, null, depth - 1),
            // Those of proto3 are open: any number is kept. Those of proto2 are closed, but know whether they were set.
            FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.HasPresence ? number % field.EnumType.Values.Count : number),
            FieldType.String => text,
            FieldType.Bytes => ByteString.CopyFromUtf8(text),
            FieldType.Bool => number % 2 == 1,
            FieldType.Int32 => number,
            FieldType.UInt32 => (uint)number,
            FieldType.Int64 => (long)number,
            FieldType.UInt64 => (ulong)number,
            FieldType.Float => (float)number,
            FieldType.Double => (double)number,
            _ => throw new InvalidOperationException("a sample is wanted for " + field.FieldType),
        };
    }
}
