// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store;

/// <summary>One change of one object. The objects are frozen.</summary>
/// <param name="Action">What was done.</param>
/// <param name="Old">The object before; null for <see cref="ChangeAction.Create"/>.</param>
/// <param name="New">The object after; null for <see cref="ChangeAction.Remove"/>.</param>
public readonly record struct StoreChange(ChangeAction Action, IStoreObject? Old, IStoreObject? New)
{
    /// <summary>The object after the change, or before it where it was removed.</summary>
    public IStoreObject Subject => New ?? Old!;
}
