// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>Adds executors to a node.</summary>
public static class SwarmBuilderInProcessExtensions
{
    /// <summary>Adds an executor; a task goes to the first added that can run it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="create">Makes the executor.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseExecutor(this ISwarmBuilder builder, Func<IServiceProvider, IExecutor> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        builder.Services.AddSingleton(create);
        return builder;
    }

    /// <summary>
    /// Adds the executor that runs tasks as delegates inside this program. What they log through the program's loggers is also written to the
    /// log of the task.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="register">Registers the delegates by name, on the executor.</param>
    /// <param name="configure">Settings; the host program's services are given to the tasks unless it says otherwise.</param>
    /// <returns>The builder.</returns>
    public static ISwarmBuilder UseInProcessExecutor(
        this ISwarmBuilder builder, Action<InProcessExecutor> register, Action<InProcessExecutorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(register);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, InProcessTaskLoggerProvider>());
        return builder.UseExecutor(services =>
        {
            var options = new InProcessExecutorOptions { Services = services };
            configure?.Invoke(options);
            var executor = new InProcessExecutor(services.GetRequiredService<IMailboxFactory>(), options);
            register(executor);
            return executor;
        });
    }
}
