// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Testing;

/// <summary>What an executor says of itself, and which tasks it takes.</summary>
internal static class ContractCases
{
    private const ConformanceFeatures Always = ConformanceFeatures.None;

    public static void AddTo(CaseList cases)
    {
        cases.Add(
            "Describe_NamesItsRuntime", "The description lists the runtime's name as a plugin of type Runtime, and belongs to the caller.",
            DescribeAsync);
        cases.Add(
            ConformanceFeatures.Resources, "Describe_NamesItsResources", "The description says how many CPUs and how much memory there is.",
            ResourcesAsync);
        cases.Add("CanRun_ForeignTask_IsFalse", "A task of another runtime is refused by CanRun, and by CreateController.", ForeignAsync);
        cases.Add("CreateController_TouchesNothing", "A controller is made without touching the world.", CreateAsync);
        cases.Add(Always, "Configure_IsTakenOver", "News about the node and its keys are taken at any time.", ConfigureAsync);
    }

    private static async Task DescribeAsync(Workbench bench)
    {
        string name = bench.Executor.RuntimeName;
        Workbench.Require(name.Length > 0 && !name.Any(char.IsUpper), $"the runtime's name '{name}' is not in lower case");
        NodeDescription first = await GetDescriptionAsync(bench);
        PluginDescription[] named = [.. (first.Engine?.Plugins ?? []).Where(p => p.Type == RuntimePlugins.PluginType && p.Name == name)];
        Workbench.Require(named.Length == 1, $"the description lists runtime '{name}' {named.Length} times; once is right");
        first.Hostname = "changed by the caller";
        first.Engine!.Plugins.Clear();
        NodeDescription second = await GetDescriptionAsync(bench);
        Workbench.Require(
            second.Hostname != first.Hostname && second.Engine?.Plugins.Count > 0, "a change to one description shows in the next");
    }

    private static async Task ResourcesAsync(Workbench bench)
    {
        Resources? resources = (await GetDescriptionAsync(bench)).Resources;
        Workbench.Require(resources is { NanoCpus: > 0 }, "the description says nothing of CPUs");
        Workbench.Require(resources is { MemoryBytes: > 0 }, "the description says nothing of memory");
    }

    private static async Task ForeignAsync(Workbench bench)
    {
        var foreign = new Api.Task
        {
            Id = SystemIdSource.Instance.NewId(),
            Spec = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = "no-such-runtime" } },
        };
        Workbench.Require(!bench.Executor.CanRun(foreign), "CanRun is true for a task of kind 'no-such-runtime'");
        CallEnd end = await bench.CallAsync("CreateController", _ =>
        {
            bench.Executor.CreateController(foreign, NoTaskDependencies.Instance);
            return Task.CompletedTask;
        });
        Workbench.Require(
            end.Error is SwarmException { Code: SwarmErrorCode.InvalidArgument },
            $"CreateController for a foreign task ended as {end}; expected a SwarmException InvalidArgument");
        Workbench.Require(bench.Executor.CanRun(bench.NewTask().Task), "CanRun is false for a task of its own runtime");
    }

    private static async Task CreateAsync(Workbench bench)
    {
        Subject subject = bench.NewTask();
        _ = subject.Controller;
        await bench.MomentAsync();
        await subject.ExpectUnstartedAsync("making a controller");
        await subject.ExpectGoneAsync("making a controller");
    }

    private static async Task ConfigureAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync();
        var node = new Node { Id = bench.Target.NodeId, Spec = new NodeSpec { Annotations = new Annotations { Labels = { ["a"] = "b" } } } };
        EncryptionKey[] keys = [new EncryptionKey { Subsystem = "networking:gossip", LamportTime = 1 }];
        for (int times = 0; times < 2; times++)
        {
            await bench.InTimeAsync("ConfigureAsync", bench.Executor.ConfigureAsync(node, bench.Cancellation));
            await bench.InTimeAsync("SetNetworkBootstrapKeysAsync", bench.Executor.SetNetworkBootstrapKeysAsync(keys, bench.Cancellation));
        }

        await subject.ExpectRunningAsync();
    }

    private static async Task<NodeDescription> GetDescriptionAsync(Workbench bench)
    {
        Task<NodeDescription> call = bench.Executor.DescribeAsync(bench.Cancellation);
        await bench.InTimeAsync("DescribeAsync", call);
        return await call;
    }
}
