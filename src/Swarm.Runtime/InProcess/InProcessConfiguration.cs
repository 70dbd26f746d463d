// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Swarm.Runtime;

/// <summary>Makes the configuration of one task's work.</summary>
internal static class InProcessConfiguration
{
    /// <summary>A configuration that says nothing.</summary>
    public static IConfiguration Empty { get; } = new ConfigurationRoot([]);

    /// <summary>Makes a configuration of the host program's section for the work, overlaid by the task's settings.</summary>
    public static ConfigurationRoot Create(InProcessExecutorOptions options, string work, IReadOnlyDictionary<string, string> settings)
    {
        var builder = new ConfigurationBuilder();
        if (options.Services?.GetService<IConfiguration>() is { } host)
        {
            builder.AddConfiguration(host.GetSection(ConfigurationPath.Combine(options.ConfigurationSection, work)));
        }

        builder.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return (ConfigurationRoot)builder.Build();
    }
}
