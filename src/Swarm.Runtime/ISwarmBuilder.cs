// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;

namespace Swarm.Runtime;

/// <summary>
/// What <c>services.AddSwarmNode(…)</c> returns, for adding executors and replacing parts. It stands here and not with hosting, so that a
/// package of an executor can extend it without knowing of managers or agents.
/// </summary>
public interface ISwarmBuilder
{
    /// <summary>The services of the host program.</summary>
    IServiceCollection Services { get; }
}
