// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc.Http2;

/// <summary>What a client sent is no HTTP/2; the connection has to end.</summary>
internal sealed class HpackException(string message) : Exception(message);
