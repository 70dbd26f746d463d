// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc.Http2;

/// <summary>One header as bytes. A sensitive one must never enter a table (RFC 7541 §7.1.3).</summary>
internal readonly record struct HeaderField(byte[] Name, byte[] Value, bool IsSensitive = false)
{
    /// <summary>Size in a dynamic table (RFC 7541 §4.1).</summary>
    public int Size => Name.Length + Value.Length + 32;
}
