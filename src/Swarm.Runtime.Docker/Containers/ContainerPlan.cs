// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet.Models;
using Swarm.Runtime.Docker.Secrets;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>What an engine is asked for, to run one task.</summary>
/// <param name="Name">Name of the container: SERVICE.SLOT.TASKID.</param>
/// <param name="Create">What to create; made for this plan alone.</param>
/// <param name="Image">The image, whole.</param>
/// <param name="HasHealthcheck">Whether the specification itself asks for a health check. One that only the image has shows when the
/// container is inspected.</param>
/// <param name="StopGrace">How long the container may take to stop.</param>
/// <param name="RegistryAuth">Credentials for the registry as clients send them, or null.</param>
/// <param name="Files">Secrets and configs: to be on the host, as said, before the container starts.</param>
internal sealed record ContainerPlan(
    string Name,
    CreateContainerParameters Create,
    ImageReference Image,
    bool HasHealthcheck,
    TimeSpan StopGrace,
    string? RegistryAuth,
    IReadOnlyList<DependencyFile> Files);
