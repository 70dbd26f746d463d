// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Microsoft.Extensions.Options;
using Swarm.Core;
using Swarm.Hosting;
using Swarm.Runtime;
using Swarm.Runtime.Docker;
using Swarm.Runtime.Process;

namespace Swarmd;

/// <summary>The command line of swarmd: the flags of the reference, and --executor.</summary>
internal static class SwarmdCommand
{
    private static readonly Option<string> StateDir = Text("--state-dir", "Directory of the node's certificate and tasks", "/var/lib/swarmd", "-d");
    private static readonly Option<string> Hostname = Text("--hostname", "Name of this node; the machine's when left out", "");
    private static readonly Option<string> JoinAddr = Text("--join-addr", "Address of a manager to join, HOST:PORT", "");
    private static readonly Option<string> JoinToken = Text("--join-token", "Token to join with: 'swarmctl cluster inspect default' on a manager shows it", "");
    private static readonly Option<string> ListenRemote = Text("--listen-remote-api", "Where a manager listens for other nodes", "0.0.0.0:4242");
    private static readonly Option<string> ListenControl = Text("--listen-control-api",
        "Unix socket on which a manager listens for swarmctl", "/var/run/swarmd.sock");
    private static readonly Option<string> Advertise = Text("--advertise-remote-api",
        "Address other nodes are told, when it differs from where the manager listens", "");
    private static readonly Option<string> LogLevelName = Text("--log-level", "debug, info, warn or error", "info", "-l");

    private static readonly Option<string> EngineAddr = Text("--engine-addr",
        "Docker Engine for containers; DOCKER_HOST or the usual socket when left out", "");

    private static readonly Option<string[]> Executors = new("--executor")
    {
        Description = "What this node runs tasks with; may be repeated: docker (containers; the default), process (programs of this machine)",
        AllowMultipleArgumentsPerToken = false,
    };

    // Flags of the reference whose parts come with later versions: known by name, refused with a sentence.
    private static readonly Dictionary<string, string> Later = new(StringComparer.Ordinal)
    {
        ["--autolock"] = "locking managers comes with the replicated log",
        ["--election-tick"] = "elections come with the replicated log",
        ["--heartbeat-tick"] = "elections come with the replicated log",
        ["--force-new-cluster"] = "recovering a cluster comes with the replicated log",
        ["--unlock-key"] = "locking managers comes with the replicated log",
        ["--generic-node-resources"] = "declaring generic resources comes with a later version",
        ["--listen-debug"] = "the debug listener comes with a later version",
        ["--listen-metrics"] = "the metrics listener comes with a later version",
        ["--external-ca"] = "external certificate authorities come with a later version",
    };

    public static RootCommand Create()
    {
        var root = new RootCommand("Run a node of a cluster: the first manager, or a worker that joins one.");
        foreach (Option builtIn in root.Options.Where(o => o is VersionOption).ToArray())
        {
            root.Options.Remove(builtIn);
        }

        var version = new Option<bool>("--version", "-v") { Description = "Print the version and exit" };
        Option[] options = [StateDir, Hostname, JoinAddr, JoinToken, ListenRemote, ListenControl, Advertise, LogLevelName, EngineAddr, Executors, version];
        foreach (Option option in options)
        {
            root.Options.Add(option);
        }

        foreach ((string name, string reason) in Later)
        {
            root.Options.Add(new Option<string>(name) { Description = $"Not yet: {reason}", Arity = ArgumentArity.ZeroOrOne });
        }

        root.SetAction((parsed, stop) => RunAsync(parsed, version, stop));
        return root;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Option<bool> version, CancellationToken stop)
    {
        if (parsed.GetValue(version))
        {
            Console.WriteLine($"swarmd {VersionText()}");
            return 0;
        }

        try
        {
            foreach ((string name, string reason) in Later)
            {
                if (parsed.GetResult(name) is OptionResult { Implicit: false })
                {
                    throw new SwarmException(SwarmErrorCode.Unimplemented, $"{name} is not supported yet: {reason}");
                }
            }

            await RunNodeAsync(parsed, stop);
            return 0;
        }
        catch (SwarmException e)
        {
            await Console.Error.WriteLineAsync($"Error: {e.Message}");
            return 1;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync($"Error: {e.Failures.First()}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    private static async Task RunNodeAsync(ParseResult parsed, CancellationToken stop)
    {
        string[] executors = parsed.GetValue(Executors) is { Length: > 0 } given ? given : [RuntimePlugins.Docker];
        CheckExecutors(executors);
        Uri? engine = EngineAddress(parsed.GetValue(EngineAddr)!);
        HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        host.Logging.SetMinimumLevel(Level(parsed.GetValue(LogLevelName)!));
        host.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);

        // What keeps the node from starting is said once, in one line, below; not as the host's stack trace too.
        host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        host.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
        host.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMinutes(2));
        host.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        string place = parsed.GetValue(StateDir)!;
        string stateDirectory = place.Length > 0
            ? Path.GetFullPath(place)
            : throw new SwarmException(SwarmErrorCode.InvalidArgument, "no state directory: give one with --state-dir DIR");
        ISwarmBuilder builder = host.Services.AddSwarmNode(node =>
        {
            node.StateDirectory = stateDirectory;
            node.Hostname = parsed.GetValue(Hostname)!;
            node.JoinAddress = parsed.GetValue(JoinAddr)!;
            node.JoinToken = parsed.GetValue(JoinToken)!;
            node.ListenRemoteApi = parsed.GetValue(ListenRemote)!;
            node.ListenControlApi = parsed.GetValue(ListenControl)!;
            node.AdvertiseRemoteApi = parsed.GetValue(Advertise)!;
        });
        if (executors.Contains(RuntimePlugins.Docker))
        {
            builder.UseDockerExecutor(docker => docker.Endpoint = engine);
        }

        if (executors.Contains(RuntimePlugins.Process))
        {
            builder.UseProcessExecutor(process => process.StateDirectory = Path.Combine(stateDirectory, "process"));
        }

        using IHost built = host.Build();
        await built.StartAsync(stop);
        if (executors.Contains(RuntimePlugins.Docker) && EngineHint.Of(engine) is { } hint)
        {
            await Console.Error.WriteLineAsync($"Warning: {hint}");
        }

        await built.WaitForShutdownAsync(stop);
    }

    private static void CheckExecutors(string[] executors)
    {
        foreach (string name in executors)
        {
            if (name is not (RuntimePlugins.Docker or RuntimePlugins.Process))
            {
                throw new SwarmException(SwarmErrorCode.InvalidArgument, $"unknown executor '{name}'; known: docker, process");
            }
        }
    }

    private static Uri? EngineAddress(string text)
    {
        string uri = text.StartsWith('/') ? "unix://" + text : text;
        return uri.Length == 0 ? null : Uri.TryCreate(uri, UriKind.Absolute, out Uri? address) && address.Scheme is "unix" or "tcp" or "http"
            ? address
            : throw new SwarmException(SwarmErrorCode.InvalidArgument, $"--engine-addr '{text}' must be unix:///path or tcp://HOST:PORT");
    }

    private static LogLevel Level(string name) => name.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" or "fatal" or "panic" => LogLevel.Error,
        _ => throw new SwarmException(SwarmErrorCode.InvalidArgument, $"unknown log level '{name}'; known: debug, info, warn, error"),
    };

    private static Option<string> Text(string name, string description, string value, params string[] aliases) =>
        new(name, aliases) { Description = description, DefaultValueFactory = _ => value };

    private static string VersionText() =>
        typeof(SwarmdCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
