// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Docker.Testing;

namespace Swarm.Docker.Tests;

/// <summary>Ports that are published on the task's own node.</summary>
public sealed partial class BadInputTests
{
    [Fact]
    public async Task Task_PortIsTaken_ReasonIsShown()
    {
        await CreatePublishingAsync("port", "target=80;published=5001;mode=host", "--restart-condition", "none");

        await on.FailsAsync("port", TaskState.Failed, "5001", "address already in use");
    }

    [Fact]
    public async Task Task_PublishesAPortOfItsOwnAndOneThatTheEngineChooses_BothAnswerAndAreShown()
    {
        await CreatePublishingAsync(
            "web", "name=own;target=80;published=8081;mode=host", "--ports", "name=any;target=80;mode=host", "--args", "web");
        Api.Task task = await on.UntilRunsAsync("web");

        PortConfig[] told = [.. task.Status.PortStatus.Ports.OrderBy(static p => p.Name, StringComparer.Ordinal)];
        Assert.Equal([("any", 80U), ("own", 80U)], told.Select(static p => (p.Name, p.TargetPort)));
        Assert.Equal(8081U, told[1].PublishedPort);
        Assert.InRange(told[0].PublishedPort, 1024U, 65535U);
        foreach (PortConfig port in told)
        {
            CommandResult page = await on.Engine.InNetworkAsync(
                Cancel, "curl", "-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", $"http://127.0.0.1:{port.PublishedPort}/");
            Assert.Equal($"container {task.Status.Container.ContainerId[..12]}\n", page.Output);
        }

        string inspected = await on.SucceedAsync("task", "inspect", task.Id);
        Assert.Contains("8081/tcp -> 80", inspected, StringComparison.Ordinal);
        Assert.Contains($"{told[0].PublishedPort}/tcp -> 80", inspected, StringComparison.Ordinal);
        await on.SucceedAsync("service", "rm", "web");
    }

    private Task CreatePublishingAsync(string name, string port, params string[] more) => on.SucceedAsync(
        ["service", "create", "--name", name, "--image", PrivateEngine.Image, "--constraint", $"node.hostname=={BadInputCluster.Present}",
            "--ports", port, .. more]);
}
