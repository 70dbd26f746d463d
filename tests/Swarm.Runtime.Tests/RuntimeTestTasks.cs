// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Runtime.Tests;

/// <summary>Makes tasks for tests.</summary>
internal static class RuntimeTestTasks
{
    public static Api.Task InProcess(string work, string id = "t1", params string[] args) => new()
    {
        Id = id,
        ServiceId = "s1",
        Slot = 3,
        NodeId = "n1",
        ServiceAnnotations = new Annotations { Name = "web" },
        Spec = new TaskSpec
        {
            Generic = InProcessExecutor.Pack(new InProcessSpec { Name = work, Args = { args }, Settings = { ["colour"] = "blue" } }),
        },
    };

    public static Api.Task WithPayload(string kind, Any? payload) =>
        new() { Id = "t1", Spec = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = kind, Payload = payload } } };
}
