// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>
/// Decides what becomes of each piece that crosses an <see cref="InMemoryNetwork"/>. Called on the sender's side, in order of
/// sending.
/// </summary>
public interface ILinkPolicy
{
    /// <summary>Decides about one piece: a connection attempt, a call's head, a message, an answer, a cancellation.</summary>
    /// <param name="from">Name of the host that sends.</param>
    /// <param name="to">Name of the host that receives.</param>
    /// <param name="size">Bytes of the message in it; 0 for none.</param>
    /// <returns>What becomes of it.</returns>
    LinkDecision Decide(string from, string to, int size);
}
