// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Tests;

public sealed class NodeDescriptionsTests
{
    [Fact]
    public void Merge_SeveralExecutors_UnitesPluginsAndTakesTheFirstKnownAmounts()
    {
        var first = new NodeDescription
        {
            Resources = new Resources { MemoryBytes = 5 },
            Engine = new EngineDescription { Plugins = { RuntimePlugins.Describe("process") }, Labels = { ["a"] = "1" } },
        };
        var second = new NodeDescription
        {
            Hostname = "h",
            Platform = new Platform { Os = "linux" },
            Resources = new Resources { MemoryBytes = 6, NanoCpus = 7 },
            Engine = new EngineDescription
            {
                EngineVersion = "1", Labels = { ["a"] = "2", ["b"] = "3" },
                Plugins = { RuntimePlugins.Describe("inproc"), RuntimePlugins.Describe("process") },
            },
        };
        NodeDescription merged = NodeDescriptions.Merge([first, second]);
        Assert.Equal(
            ("h", "linux", 5L, 7L),
            (merged.Hostname, merged.Platform.Os, merged.Resources.MemoryBytes, merged.Resources.NanoCpus));
        Assert.Equal([RuntimePlugins.Describe("inproc"), RuntimePlugins.Describe("process")], merged.Engine.Plugins);
        Assert.Equal(("1", "1", "3"), (merged.Engine.EngineVersion, merged.Engine.Labels["a"], merged.Engine.Labels["b"]));
        Assert.Empty(second.Engine.Plugins.Except(merged.Engine.Plugins));
    }

    [Fact]
    public void NameOf_EachRuntime_NamesItsExecutor()
    {
        Assert.Equal("docker", RuntimePlugins.NameOf(new Api.Task { Spec = new TaskSpec { Container = new ContainerSpec() } }));
        Assert.Equal("process", RuntimePlugins.NameOf(RuntimeTestTasks.WithPayload("process", null)));
        Assert.Equal("", RuntimePlugins.NameOf(new Api.Task()));
    }
}
