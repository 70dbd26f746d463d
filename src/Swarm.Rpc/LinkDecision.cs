// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc;

/// <summary>What becomes of a piece on the network.</summary>
/// <param name="Action">What happens.</param>
/// <param name="Delay">When, from now. Pieces of one direction of one connection never overtake each other.</param>
public readonly record struct LinkDecision(LinkAction Action, TimeSpan Delay)
{
    /// <summary>It arrives after a time.</summary>
    /// <param name="delay">The time; zero for at once.</param>
    /// <returns>The decision.</returns>
    public static LinkDecision Deliver(TimeSpan delay = default) => new(LinkAction.Deliver, delay);

    /// <summary>It is lost, see <see cref="LinkAction.Drop"/>.</summary>
    /// <returns>The decision.</returns>
    public static LinkDecision Drop() => new(LinkAction.Drop, default);

    /// <summary>The connection breaks, see <see cref="LinkAction.Reset"/>.</summary>
    /// <param name="delay">When the sides notice.</param>
    /// <returns>The decision.</returns>
    public static LinkDecision Reset(TimeSpan delay = default) => new(LinkAction.Reset, delay);
}
