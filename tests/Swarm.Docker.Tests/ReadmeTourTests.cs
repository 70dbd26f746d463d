// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Docker.Testing;
using Swarm.EndToEnd.Testing;

namespace Swarm.Docker.Tests;

/// <summary>The tour with containers, as run.sh gives it.</summary>
public sealed class ReadmeTourTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tour_WithDockerOnce_EndsWithZero_AndLeavesTheEngineAsItWas()
    {
        await using PrivateEngine engine = await PrivateEngine.StartAsync(cancellationToken: Cancel);
        using DockerClient others = new DockerClientBuilder().WithEndpoint(engine.Endpoint).Build();
        IList<ImagesListResponse> before = await others.Images.ListImagesAsync(new ImagesListParameters(), Cancel);
        var environment = new Dictionary<string, string>
        {
            ["DOCKER_HOST"] = $"unix://{engine.Endpoint.AbsolutePath}",
            ["SWARM_WALKTHROUGH_ADDRESS"] = $"127.0.0.1:{TestCluster.FreePort()}",
        };

        ToolResult tour = await Tool.RunProgramAsync(
            150, Path.Combine(Tool.Root, "run.sh"), environment, "--docker", "--once", "--no-compile");

        Assert.True(tour.ExitCode == 0, tour.Output + tour.Error);
        Assert.Contains("All steps converged", tour.Output, StringComparison.Ordinal);
        Assert.Contains("web 8/8", tour.Output, StringComparison.Ordinal);
        Assert.Empty(await others.Containers.ListContainersAsync(new ContainersListParameters { All = true }, Cancel));
        IList<ImagesListResponse> after = await others.Images.ListImagesAsync(new ImagesListParameters(), Cancel);
        Assert.Equal(before.Select(i => i.ID).Order(), after.Select(i => i.ID).Order());
    }
}
