// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>Objects that many tests need.</summary>
internal static class Samples
{
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static SwarmAgentOptions Options(Action<SwarmAgentOptions>? change = null)
    {
        var options = new SwarmAgentOptions { NodeId = "node-1", Hostname = "host-1" };
        change?.Invoke(options);
        return options;
    }

    internal static ManagerPicker Managers(params string[] addresses)
    {
        var picker = new ManagerPicker(Random());
        picker.Replace(Peers(addresses));
        return picker;
    }

    internal static List<WeightedPeer> Peers(params string[] addresses) =>
    [
        .. addresses.Select(static address => new WeightedPeer
        {
            Peer = new Peer { NodeId = "id-" + address, Addr = address },
            Weight = 10,
        }),
    ];

    internal static Api.Task Task(
        string id, TaskState desired = TaskState.Running, string kind = "fake", string serviceId = "service-1") => new()
    {
        Id = id,
        ServiceId = serviceId,
        NodeId = "node-1",
        Spec = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = kind } },
        Status = new TaskStatus { State = TaskState.Assigned },
        DesiredState = desired,
    };

    internal static AssignmentChange Put(Api.Task task) =>
        Change(new Assignment { Task = task }, AssignmentChange.Types.AssignmentAction.Update);

    internal static AssignmentChange Put(Secret secret) =>
        Change(new Assignment { Secret = secret }, AssignmentChange.Types.AssignmentAction.Update);

    internal static AssignmentChange Put(Config config) =>
        Change(new Assignment { Config = config }, AssignmentChange.Types.AssignmentAction.Update);

    internal static AssignmentChange RemoveTask(string id) =>
        Change(new Assignment { Task = new Api.Task { Id = id } }, AssignmentChange.Types.AssignmentAction.Remove);

    internal static AssignmentChange RemoveSecret(string id) =>
        Change(new Assignment { Secret = new Secret { Id = id } }, AssignmentChange.Types.AssignmentAction.Remove);

    internal static AssignmentsMessage Complete(string resultsIn, params AssignmentChange[] changes) =>
        new() { Type = AssignmentsMessage.Types.Type.Complete, ResultsIn = resultsIn, Changes = { changes } };

    internal static AssignmentsMessage Incremental(string appliesTo, string resultsIn, params AssignmentChange[] changes) =>
        new() { Type = AssignmentsMessage.Types.Type.Incremental, AppliesTo = appliesTo, ResultsIn = resultsIn, Changes = { changes } };

    internal static SeededRandom Random(ulong seed = 1) => new(seed);

    private static AssignmentChange Change(Assignment assignment, AssignmentChange.Types.AssignmentAction action) =>
        new() { Assignment = assignment, Action = action };
}
