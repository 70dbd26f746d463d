// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Docker.Testing;
using Swarm.Runtime;
using Swarm.Runtime.Docker;

namespace Swarm.Docker.Tests;

/// <summary>The memory that secrets are kept in is full.</summary>
public sealed class FullMemoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PrepareAsync_NoRoomForSecrets_SaysSoAndLeavesNothing()
    {
        await using EngineUnderTest on = await EngineUnderTest.StartAsync(new PrivateEngineOptions { DataSize = "64m" });
        string holder = (await File.ReadAllTextAsync(Path.Combine(on.Engine.Root, "holder.pid"), Cancel)).Trim();
        string memory = $"/proc/{holder}/root{on.Engine.Root}/data/secrets";
        await using var executor = new DockerExecutor(new DockerExecutorOptions { Endpoint = on.Engine.Endpoint, SecretsDirectory = memory });
        Api.Task task = EngineUnderTest.TaskOf("secretive", static c => c.Secrets.Add(new SecretReference
        {
            SecretId = "s", SecretName = "s", File = new FileTarget { Name = "s", Mode = 0x124 },
        }));
        await using ITaskController controller = executor.CreateController(task, new OneSecret());

        await on.Engine.FillDiskAsync(Cancel);
        TaskControllerException error = await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync(Cancel));
        Assert.Equal(
            $"the secrets and configs of task secretive cannot be written to {memory}/{EngineUnderTest.NodeId}: there is no room left", error.Message);
        Assert.Empty(await on.ContainersAsync());
        Assert.Empty(Directory.GetDirectories($"{memory}/{EngineUnderTest.NodeId}"));
    }

    private sealed class OneSecret : ITaskDependencies
    {
        public Secret? GetSecret(string id) => new() { Id = id, Spec = new SecretSpec { Data = ByteString.CopyFrom(new byte[100_000]) } };

        public Config? GetConfig(string id) => null;
    }
}
