// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Extensions.Configuration;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;

namespace Swarm.Runtime;

/// <summary>
/// What work that runs inside the host program knows of its task, and how it speaks to the cluster. Safe to call from any thread.
/// </summary>
public sealed class InProcessTaskContext
{
    private readonly InProcessRun _run;
    private readonly ITaskDependencies _dependencies;
    private Lazy<ConfigurationRoot>? _configuration;

    internal InProcessTaskContext(Api.Task task, InProcessSpec spec, InProcessRun run, ITaskDependencies dependencies, TimeProvider time)
    {
        Task = task;
        _run = run;
        _dependencies = dependencies;
        Time = time;
        WorkName = spec.Name;
        Arguments = [.. spec.Args];
        Settings = new SortedDictionary<string, string>(spec.Settings, StringComparer.Ordinal);
    }

    /// <summary>The task as it was when it started; frozen.</summary>
    public Api.Task Task { get; }

    /// <summary>The task's name: service, slot or node, and id.</summary>
    public string TaskName => TaskNaming.Name(Task);

    /// <summary>The name under which the work is registered.</summary>
    public string WorkName { get; }

    /// <summary>Arguments from the specification.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Settings from the specification.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>
    /// The services of the host program, in a scope that lives as long as the work: its configuration, its loggers, the client of the cluster.
    /// Without a host program that gives its services there are none: each request gives null.
    /// </summary>
    public IServiceProvider Services { get; internal set; } = NoServices.Instance;

    /// <summary>
    /// The configuration of the work: the section of the host program's configuration that has the work's name, below
    /// <see cref="InProcessExecutorOptions.ConfigurationSection"/>, overlaid by <see cref="Settings"/>. Follows the host's configuration while the
    /// work runs. Settings alone where there is no host program.
    /// </summary>
    public IConfiguration Configuration => _configuration?.Value ?? InProcessConfiguration.Empty;

    /// <summary>The clock to use; virtual in a simulation.</summary>
    public TimeProvider Time { get; }

    /// <summary>Writes a line (or, with line ends in it, lines) to the task's standard output.</summary>
    /// <param name="text">The text.</param>
    public void WriteLine(string text) => _run.Write(LogStream.Stdout, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a line (or, with line ends in it, lines) to the task's error output.</summary>
    /// <param name="text">The text.</param>
    public void WriteErrorLine(string text) => _run.Write(LogStream.Stderr, Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// Tells the cluster that the work listens on a port of the node. A second report for the same port and protocol replaces the first.
    /// </summary>
    /// <param name="port">The port the work listens on, 1 to 65535.</param>
    /// <param name="name">A name for it, or empty.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not from 1 to 65535.</exception>
    /// <exception cref="SwarmException">ResourceExhausted: the task has reported too many ports.</exception>
    public void ReportPort(int port, string name = "", PortConfig.Types.Protocol protocol = PortConfig.Types.Protocol.Tcp)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        _run.ReportPort(new PortConfig
        {
            Name = name,
            Protocol = protocol,
            TargetPort = (uint)port,
            PublishedPort = (uint)port,
            PublishMode = PortConfig.Types.PublishMode.Host,
        });
    }

    /// <summary>
    /// Says how the work is. The first healthy report lets a task that was registered to wait for it be RUNNING; an unhealthy one ends the
    /// task as FAILED: the work is asked to stop, and the cluster replaces it as the service's restart policy says.
    /// </summary>
    /// <param name="isHealthy">Whether it is well.</param>
    /// <param name="reason">Why not, in one line; shown as the task's error.</param>
    public void ReportHealth(bool isHealthy, string reason = "")
    {
        if (isHealthy)
        {
            _run.ReportHealthy();
        }
        else
        {
            _run.ReportUnhealthy(reason);
        }
    }

    /// <summary>Gives the content of a secret the task refers to.</summary>
    /// <param name="name">The secret's name.</param>
    /// <returns>The content; null when the task refers to no secret of this name.</returns>
    public ReadOnlyMemory<byte>? GetSecret(string name) => TaskReferences.Secrets(Task, _dependencies)
        .Where(secret => string.Equals(secret.Spec?.Annotations?.Name, name, StringComparison.OrdinalIgnoreCase))
        .Select(static secret => (ReadOnlyMemory<byte>?)secret.Spec.Data.Memory)
        .FirstOrDefault();

    /// <summary>Gives the content of a config the task refers to.</summary>
    /// <param name="name">The config's name.</param>
    /// <returns>The content; null when the task refers to no config of this name.</returns>
    public ReadOnlyMemory<byte>? GetConfig(string name) => TaskReferences.Configs(Task, _dependencies)
        .Where(config => string.Equals(config.Spec?.Annotations?.Name, name, StringComparison.OrdinalIgnoreCase))
        .Select(static config => (ReadOnlyMemory<byte>?)config.Spec.Data.Memory)
        .FirstOrDefault();

    /// <summary>Sets how the configuration is made; only for work that looks at it, there may be thousands of others.</summary>
    /// <returns>Ends what was made.</returns>
    internal IDisposable UseConfiguration(Func<ConfigurationRoot> make)
    {
        var configuration = new Lazy<ConfigurationRoot>(make);
        _configuration = configuration;
        return new EndOf(configuration);
    }

    private sealed class EndOf(Lazy<ConfigurationRoot> configuration) : IDisposable
    {
        public void Dispose()
        {
            if (configuration.IsValueCreated)
            {
                configuration.Value.Dispose();
            }
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
