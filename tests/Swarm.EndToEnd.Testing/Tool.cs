// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;

namespace Swarm.EndToEnd.Testing;

/// <summary>Runs the built samples as processes.</summary>
public static class Tool
{
    public static string Root { get; } = FindRoot();

    public static string Path(string name) => System.IO.Path.Combine(Root, "artifacts", "bin", name, "release", name);

    public static string Replica => Path("WebReplica");

    /// <summary>Runs one of the samples to its end.</summary>
    public static Task<ToolResult> RunAsync(string name, IReadOnlyDictionary<string, string>? env, params string[] args) =>
        RunProgramAsync(Path(name), env, args);

    /// <summary>Runs a program to its end, which has to come within a minute.</summary>
    public static Task<ToolResult> RunProgramAsync(string program, IReadOnlyDictionary<string, string>? env, params string[] args) =>
        RunProgramAsync(60, program, env, args);

    /// <summary>Runs a program to its end, which has to come within some seconds.</summary>
    public static async Task<ToolResult> RunProgramAsync(
        int seconds, string program, IReadOnlyDictionary<string, string>? env, params string[] args)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach ((string key, string value) in env ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        Task<string> stdout = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> stderr = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} did not end within {seconds} s.");
        }

        return new ToolResult(process.ExitCode, await stdout, await stderr);
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Swarm.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException($"No Swarm.sln above {AppContext.BaseDirectory}.");
    }
}
