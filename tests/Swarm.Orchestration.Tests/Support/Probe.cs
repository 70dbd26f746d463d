// SPDX-License-Identifier: Apache-2.0
using Swarm.Store;

namespace Swarm.Orchestration.Tests.Support;

/// <summary>A controller that writes nothing and notes each change of Head.</summary>
internal sealed class Probe(List<StoreChange> changes) : IController
{
    public string Name => "probe";

    public void Begin(IControllerStart start)
    {
    }

    public void Observe(in StoreChange change, IStoreReader head) => changes.Add(change);

    public bool Run(IControllerTurn turn) => false;
}
