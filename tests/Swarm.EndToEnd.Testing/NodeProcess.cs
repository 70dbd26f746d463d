// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Swarm.EndToEnd.Testing;

/// <summary>A swarmd, or another program, that was started and may be ended in several ways.</summary>
public sealed partial class NodeProcess : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Term = 15;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private NodeProcess(Process process) => _process = process;

    public string Output => string.Join('\n', _lines);

    public int ExitCode => _process.ExitCode;

    public int Pid => _process.Id;

    /// <summary>Whether it has not ended yet.</summary>
    public bool Runs => !_process.HasExited;

    public static NodeProcess Start(params string[] args) => StartProgram(Tool.Path("swarmd"), [], args);

    public static NodeProcess StartProgram(string path, IEnumerable<KeyValuePair<string, string>> env, params string[] args)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach ((string key, string value) in env)
        {
            start.Environment[key] = value;
        }

        var process = new Process { StartInfo = start };
        var node = new NodeProcess(process);
        process.OutputDataReceived += (_, e) => node.Keep(e.Data);
        process.ErrorDataReceived += (_, e) => node.Keep(e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Waits until it ended by itself.</summary>
    public async Task<string> EndedAsync(int seconds = 30)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end within {seconds} s. It printed:\n{Output}");
        }

        return Output;
    }

    /// <summary>kill -9: the agent dies, what it runs does not.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync();
    }

    /// <summary>kill -INT, what Ctrl-C sends, and waits for the end.</summary>
    public async Task<int> InterruptAsync()
    {
        _ = Kill(_process.Id, Interrupt);
        await EndedAsync();
        return _process.ExitCode;
    }

    /// <summary>kill -TERM, and waits for the end.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Term);
            await EndedAsync(40);
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null && _lines.Count < 5000)
        {
            _lines.Enqueue(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
