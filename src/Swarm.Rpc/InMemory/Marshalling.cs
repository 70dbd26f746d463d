// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Grpc.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>Messages to bytes and back, by the marshallers that real transports use.</summary>
internal static class Marshalling
{
    public static byte[] Write<T>(Marshaller<T> marshaller, T message, int sizeMax)
    {
        var context = new Serialization();
        marshaller.ContextualSerializer(message, context);
        byte[] bytes = context.Result();
        return bytes.Length <= sizeMax ? bytes
            : throw new RpcException(
                new Status(StatusCode.ResourceExhausted, $"a message of {bytes.Length} bytes is larger than the {sizeMax} allowed"));
    }

    public static T Read<T>(Marshaller<T> marshaller, byte[] bytes) => marshaller.ContextualDeserializer(new Deserialization(bytes));

    private sealed class Serialization : SerializationContext
    {
        private readonly ArrayBufferWriter<byte> _writer = new();
        private byte[]? _whole;

        public byte[] Result() => _whole ?? _writer.WrittenSpan.ToArray();

        public override void Complete(byte[] payload) => _whole = payload;

        public override IBufferWriter<byte> GetBufferWriter() => _writer;

        public override void Complete()
        {
        }

        public override void SetPayloadLength(int payloadLength)
        {
        }
    }

    private sealed class Deserialization(byte[] bytes) : DeserializationContext
    {
        public override int PayloadLength => bytes.Length;

        public override byte[] PayloadAsNewBuffer() => [.. bytes];

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(bytes);
    }
}
