// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Api;
using Swarm.Runtime.Docker.Engine;
using Swarm.Runtime.Docker.Images;
using NodeDescription = Swarm.Api.NodeDescription;

namespace Swarm.Runtime.Docker;

/// <summary>What the controllers of one executor share.</summary>
internal sealed record DockerServices(
    DockerExecutorOptions Options, EngineAccess Access, EngineEvents Events, ImagePuller Puller, TaskFiles Files, TimeProvider Time,
    Action<string> Forget)
{
    // Timers know no more than 49 days.
    internal static readonly TimeSpan GraceMax = TimeSpan.FromDays(40);

    /// <summary>Holds back what would be too much for an engine at once.</summary>
    public SemaphoreSlim Starts { get; } = new(Options.ConcurrentStartsMax);

    /// <summary>The machine as the engine described it last.</summary>
    public NodeDescription? Description { get; set; }

    /// <summary>Looks at a container by name or id; null when there is none.</summary>
    public async Task<ContainerInspectResponse?> InspectAsync(string container, CancellationToken cancellationToken)
    {
        try
        {
            return await Access.CallAsync<ContainerInspectResponse>(
                (client, token) => client.Containers.InspectContainerAsync(container, token), cancellationToken);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Asks a container to stop and ends it by force after the grace; it does not matter whether it runs or exists.</summary>
    public async Task StopAsync(string container, TimeSpan grace, CancellationToken cancellationToken)
    {
        grace = grace < GraceMax ? grace : GraceMax;
        var wanted = new ContainerStopParameters { WaitBeforeKillSeconds = (uint)Math.Ceiling(grace.TotalSeconds) };
        try
        {
            await Access.CallAsync<bool>(
                (client, token) => client.Containers.StopContainerAsync(container, wanted, token), cancellationToken, grace);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // It is gone already.
        }
    }

    /// <summary>Removes a container with its anonymous volumes, however it is; it may go on being removed when this ends.</summary>
    public async Task RemoveAsync(string container, CancellationToken cancellationToken)
    {
        var wanted = new ContainerRemoveParameters { Force = true, RemoveVolumes = true };
        try
        {
            await Access.CallAsync((client, token) => client.Containers.RemoveContainerAsync(container, wanted, token), cancellationToken);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // It is gone already.
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            if (EngineAccess.TextOf(e).Contains("already in progress", StringComparison.Ordinal))
            {
                // A call that was given up does it.
                return;
            }

            throw new TaskControllerException(TaskControllerErrorKind.Temporary, EngineAccess.TextOf(e), e);
        }
    }
}
