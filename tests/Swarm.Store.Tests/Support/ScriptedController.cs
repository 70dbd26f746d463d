// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Tests.Support;

/// <summary>A controller made of delegates.</summary>
internal sealed class ScriptedController(string name) : IController
{
    public string Name => name;

    public Action<IControllerStart> OnBegin { get; init; } = static _ => { };

    public Action<StoreChange, IStoreReader> OnObserve { get; init; } = static (_, _) => { };

    public Func<IControllerTurn, bool> OnRun { get; init; } = static _ => false;

    public void Begin(IControllerStart start) => OnBegin(start);

    public void Observe(in StoreChange change, IStoreReader head) => OnObserve(change, head);

    public bool Run(IControllerTurn turn) => OnRun(turn);
}
