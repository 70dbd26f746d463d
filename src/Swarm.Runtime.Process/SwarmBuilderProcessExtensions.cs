// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Swarm.Runtime.Process;

/// <summary>Adds the process executor to a node.</summary>
public static class SwarmBuilderProcessExtensions
{
    /// <summary>
    /// Lets the node run programs of its machine as tasks. This is something an operator switches on: whoever may create
    /// services may then run programs here.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options; the state directory must be set.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseProcessExecutor(this ISwarmBuilder builder, Action<ProcessExecutorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseExecutor(services =>
        {
            var options = new ProcessExecutorOptions();
            configure(options);
            return new ProcessExecutor(options, services.GetService<ILogger<ProcessExecutor>>(), services.GetService<TimeProvider>());
        });
    }
}
