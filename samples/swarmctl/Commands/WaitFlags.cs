// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Spectre.Console;
using Swarm.Client;
using Swarm.Samples.Swarmctl.Flags;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary>The flags that wait for a service, with its progress: drawn in place on a terminal, as lines elsewhere.</summary>
internal sealed class WaitFlags
{
    private static readonly TimeSpan _stableFor = TimeSpan.FromSeconds(1);

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until the service is as wanted, and show progress" };

    private readonly Option<TimeSpan?> _timeout = Parse.Duration("--wait-timeout", "How long to wait at most (default 5m0s)");

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> Symbols => [_wait, _timeout];

    /// <summary>Waits, if asked to.</summary>
    /// <param name="run">The run.</param>
    /// <param name="serviceId">The service.</param>
    /// <returns>Ends when the service has converged.</returns>
    /// <exception cref="Swarm.Core.SwarmException">It did not converge.</exception>
    public async Task WaitAsync(Invocation run, string serviceId)
    {
        if (!run.Get(_wait))
        {
            return;
        }

        var options = new ServiceWaitOptions { StableFor = _stableFor };
        options.Timeout = run.Get(_timeout) ?? options.Timeout;
        Cli.Require(options.Timeout > TimeSpan.Zero, "--wait-timeout must be more than 0s");
        if (run.Cli.IsLive)
        {
            await LiveAsync(run, serviceId, options);
        }
        else
        {
            await run.Client.Services.WaitAsync(serviceId, options, new Reporter(p => run.Output.WriteLine(Line(p))), run.Cancellation);
        }
    }

    /// <summary>One line of progress.</summary>
    /// <param name="progress">How far the service is.</param>
    /// <returns>The line.</returns>
    internal static string Line(ServiceProgress progress)
    {
        string state = progress.Phase switch
        {
            ServicePhase.Converged => "converged",
            ServicePhase.Paused => "paused",
            _ => "converging",
        };
        string reason = progress.Reason.Length == 0 ? "" : $" ({progress.Reason})";
        return $"{progress.Name}: {progress.Running}/{progress.Desired} running, {state}{reason}";
    }

    private static Task LiveAsync(Invocation run, string serviceId, ServiceWaitOptions options) => AnsiConsole
        .Progress()
        .Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
        .StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask("waiting");
            var reporter = new Reporter(p =>
            {
                bar.MaxValue = Math.Max(p.Desired, 1);
                bar.Value = p.Phase == ServicePhase.Converged ? bar.MaxValue : Math.Min(p.Running, bar.MaxValue);
                bar.Description = Markup.Escape(Line(p));
            });
            await run.Client.Services.WaitAsync(serviceId, options, reporter, run.Cancellation);
        });

    // The Progress<T> of the framework reports later and out of order.
    private sealed class Reporter(Action<ServiceProgress> report) : IProgress<ServiceProgress>
    {
        public void Report(ServiceProgress value) => report(value);
    }
}
