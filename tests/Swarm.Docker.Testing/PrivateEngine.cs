// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Swarm.Docker.Testing;

/// <summary>
/// A real Docker Engine with everything of its own (data, socket, containerd, cgroups, processes, mounts, network), made by
/// eng/engine.sh and gone without a trace when disposed, or when the process that started it ends in whatever way. It has the image
/// <see cref="Image"/>. Not thread-safe: one command at a time.
/// </summary>
public sealed class PrivateEngine : IAsyncDisposable
{
    /// <summary>The image that each engine has: busybox that runs until told to stop; its command <c>web</c> serves a page on $PORT, or 80.</summary>
    public const string Image = "swarm-test:latest";

    private readonly Process _script;
    private readonly Task<string> _errors;
    private readonly bool _ownDisk;

    private PrivateEngine(Process script, Task<string> errors, string root, bool ownDisk)
    {
        _ownDisk = ownDisk;
        _script = script;
        _errors = errors;
        Root = root;
        Endpoint = new Uri($"unix://{root}/docker.sock");
    }

    /// <summary>Where the engine listens.</summary>
    public Uri Endpoint { get; }

    /// <summary>The directory that holds all the engine has; its log is dockerd.log in it.</summary>
    public string Root { get; }

    /// <summary>Starts an engine and waits until it answers and has its image.</summary>
    /// <exception cref="PrivateEngineException">This machine cannot run one; the message says why.</exception>
    public static async Task<PrivateEngine> StartAsync(PrivateEngineOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PrivateEngineOptions();
        var start = Redirected(Path.Combine(Repository(), "eng", "engine.sh"), options.Arguments());
        start.RedirectStandardInput = true;
        var script = Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync(CancellationToken.None);
        var said = new List<string>();
        string? line;
        while ((line = await script.StandardOutput.ReadLineAsync(cancellationToken)) is not null)
        {
            if (!line.StartsWith("root ", StringComparison.Ordinal))
            {
                said.Add(line);
                continue;
            }

            var engine = new PrivateEngine(script, errors, line["root ".Length..], options.DataSize is not null);
            try
            {
                await engine.StartAgainAsync(cancellationToken);
                return engine;
            }
            catch
            {
                await engine.DisposeAsync();
                throw;
            }
        }

        said.Add(await errors);
        script.Dispose();
        throw new PrivateEngineException("no private Docker Engine on this machine: " + string.Join(' ', said).Trim());
    }

    /// <summary>Starts the engine again after a stop or a kill.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => CommandAsync("start", cancellationToken);

    /// <summary>Stops the engine as its host would; its containers end with it unless the engine restores them.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => CommandAsync("stop", cancellationToken);

    /// <summary>Kills the engine, as if it had crashed.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => CommandAsync("kill", cancellationToken);

    /// <summary>Makes the engine hang: it takes connections and answers nothing until <see cref="ResumeAsync"/>.</summary>
    public Task PauseAsync(CancellationToken cancellationToken = default) => CommandAsync("pause", cancellationToken);

    /// <summary>Ends what <see cref="PauseAsync"/> began.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken = default) => CommandAsync("resume", cancellationToken);

    /// <summary>Runs a program of this machine in the engine's network, where ports of its containers are reached.</summary>
    public async Task<CommandResult> InNetworkAsync(CancellationToken cancellationToken, params string[] command)
    {
        using var process = Process.Start(Redirected("nsenter", ["--target", Holder, "--net", "--", .. command]))!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Takes all the space left on the engine's disk, if it has one of its own: <see cref="PrivateEngineOptions.DataSize"/>.</summary>
    public async Task FillDiskAsync(CancellationToken cancellationToken = default)
    {
        await using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var some = new byte[64 * 1024];
        for (var size = some.Length; size > 0;)
        {
            try
            {
                await file.WriteAsync(some.AsMemory(0, size), cancellationToken);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    /// <summary>Ends what <see cref="FillDiskAsync"/> began.</summary>
    public Task FreeDiskAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        File.Delete(Ballast);
        return Task.CompletedTask;
    }

    /// <summary>Takes the engine, its containers and all its files away.</summary>
    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close();
        await _script.WaitForExitAsync(CancellationToken.None);
        _script.Dispose();
    }

    // The disk is mounted where only the engine's own processes see it; this is the way of one of them.
    private string Ballast => _ownDisk
        ? $"/proc/{Holder}/root{Root}/data/ballast"
        : throw new PrivateEngineException("the engine has no disk of its own to fill: start it with a DataSize");

    private string Holder => File.ReadAllText(Path.Combine(Root, "holder.pid")).Trim();

    private async Task CommandAsync(string command, CancellationToken cancellationToken)
    {
        await _script.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken);
        await _script.StandardInput.FlushAsync(cancellationToken);
        var answer = await _script.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new PrivateEngineException("the private Docker Engine ended by itself: " + await _errors);
        if (answer != "ok")
        {
            throw new PrivateEngineException($"the private Docker Engine did not {command}: {answer}");
        }
    }

    private static ProcessStartInfo Redirected(string file, IEnumerable<string> arguments) =>
        new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

    private static string Repository()
    {
        var at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "eng", "engine.sh")))
        {
            at = Path.GetDirectoryName(at);
        }

        return at ?? throw new PrivateEngineException("eng/engine.sh is not above " + AppContext.BaseDirectory);
    }
}
