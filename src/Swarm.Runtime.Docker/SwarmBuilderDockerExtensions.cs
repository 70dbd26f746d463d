// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Swarm.Runtime.Docker;

/// <summary>Adds the Docker executor to a node.</summary>
public static class SwarmBuilderDockerExtensions
{
    /// <summary>Lets the node run tasks as containers of a Docker Engine.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options; null leaves them: the engine at DOCKER_HOST or the usual socket.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseDockerExecutor(this ISwarmBuilder builder, Action<DockerExecutorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseExecutor(services =>
        {
            var options = new DockerExecutorOptions();
            configure?.Invoke(options);
            return new DockerExecutor(options, services.GetService<TimeProvider>(), services.GetService<ILogger<DockerExecutor>>());
        });
    }
}
