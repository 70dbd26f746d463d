// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Api;
using Swarm.Docker.Testing;
using Swarm.Runtime;
using Swarm.Runtime.Docker;

namespace Swarm.Docker.Tests;

/// <summary>A private engine with an executor on it, and a plain client that plays everybody else on the machine.</summary>
internal sealed class EngineUnderTest : IAsyncDisposable
{
    public const string NodeId = "node1";

    private EngineUnderTest(PrivateEngine engine)
    {
        Engine = engine;
        Others = new DockerClientBuilder().WithEndpoint(engine.Endpoint).Build();
        Executor = NewExecutor();
    }

    public PrivateEngine Engine { get; }

    public DockerClient Others { get; }

    public DockerExecutor Executor { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<EngineUnderTest> StartAsync(PrivateEngineOptions? options = null)
    {
        var made = new EngineUnderTest(await PrivateEngine.StartAsync(options, Cancel));
        await made.Executor.ConfigureAsync(new Node { Id = NodeId }, Cancel);
        return made;
    }

    /// <summary>As when the node's process ends and starts again: an executor that knows nothing yet.</summary>
    public async Task RestartExecutorAsync()
    {
        await Executor.DisposeAsync();
        Executor = NewExecutor();
        await Executor.ConfigureAsync(new Node { Id = NodeId }, Cancel);
    }

    public static Api.Task TaskOf(string id, Action<Api.ContainerSpec>? change = null)
    {
        var container = new Api.ContainerSpec { Image = PrivateEngine.Image };
        change?.Invoke(container);
        return new Api.Task
        {
            Id = id,
            NodeId = NodeId,
            ServiceId = "service1",
            Slot = 1,
            ServiceAnnotations = new Api.Annotations { Name = "web" },
            Spec = new Api.TaskSpec { Container = container },
        };
    }

    public ITaskController Controller(Api.Task task) => Executor.CreateController(task, NoTaskDependencies.Instance);

    public async Task<ITaskController> RunAsync(Api.Task task)
    {
        ITaskController controller = Controller(task);
        await controller.PrepareAsync(Cancel);
        await controller.StartAsync(Cancel);
        return controller;
    }

    /// <summary>Ids of all containers that exist on the engine, running or not.</summary>
    public async Task<string[]> ContainersAsync() =>
        [.. (await Others.Containers.ListContainersAsync(new ContainersListParameters { All = true }, Cancel)).Select(c => c.ID)];

    public async Task<ContainerInspectResponse> InspectAsync(string id) => await Others.Containers.InspectContainerAsync(id, Cancel);

    public async Task<State> StateAsync(string id) => Assert.IsType<State>((await InspectAsync(id)).State);

    public async ValueTask DisposeAsync()
    {
        await Executor.DisposeAsync();
        Others.Dispose();
        await Engine.DisposeAsync();
    }

    private DockerExecutor NewExecutor() =>
        new(new DockerExecutorOptions { Endpoint = Engine.Endpoint, ReconnectDelay = TimeSpan.FromMilliseconds(50) });
}
