// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Hosting;

/// <summary>A service that the host program has the cluster run.</summary>
internal sealed record DeclaredService(ServiceSpec Spec);
