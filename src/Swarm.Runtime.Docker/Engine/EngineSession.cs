// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>A client that speaks the version both sides know.</summary>
internal sealed record EngineSession(DockerClient Client, EngineApiVersion Version);
