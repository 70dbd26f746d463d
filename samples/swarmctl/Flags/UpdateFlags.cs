// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>The flags that say how an update, or a rollback, goes.</summary>
/// <param name="prefix">"update" or "rollback".</param>
internal sealed class UpdateFlags(string prefix)
{
    private readonly Option<ulong?> _parallelism = new($"--{prefix}-parallelism")
    {
        Description = $"Tasks that a {prefix} replaces at once (0 for all at once; default 1)", HelpName = "number",
    };

    private readonly Option<TimeSpan?> _delay = Parse.Duration($"--{prefix}-delay", $"Delay between steps of a {prefix} (default 0s)");

    private readonly Option<string?> _onFailure = Among(
        $"--{prefix}-on-failure", $"What a failing {prefix} does: pause (default), continue or rollback", ["pause", "continue",
        "rollback"]);

    private readonly Option<string?> _order = Among(
        $"--{prefix}-order", "stop-first (default) or start-first", ["stop-first", "start-first"]);

    /// <summary>All of them.</summary>
    public IEnumerable<Symbol> All => [_parallelism, _delay, _onFailure, _order];

    /// <summary>A configuration with what was typed.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="before">What is there already; null for none.</param>
    /// <returns>The configuration; null if there was none and nothing was typed.</returns>
    public UpdateConfig? Apply(ParseResult typed, UpdateConfig? before)
    {
        ulong? parallelism = typed.GetValue(_parallelism);
        TimeSpan? delay = typed.GetValue(_delay);
        string? onFailure = typed.GetValue(_onFailure);
        string? order = typed.GetValue(_order);
        if (parallelism is null && delay is null && onFailure is null && order is null)
        {
            return before;
        }

        UpdateConfig config = before?.Clone() ?? new UpdateConfig { Parallelism = 1 };
        config.Parallelism = parallelism ?? config.Parallelism;
        config.Delay = delay is { } time ? Duration.FromTimeSpan(time) : config.Delay;
        config.FailureAction = onFailure switch
        {
            "pause" => UpdateConfig.Types.FailureAction.Pause,
            "continue" => UpdateConfig.Types.FailureAction.Continue,
            "rollback" => UpdateConfig.Types.FailureAction.Rollback,
            _ => config.FailureAction,
        };
        config.Order = order switch
        {
            "stop-first" => UpdateConfig.Types.UpdateOrder.StopFirst,
            "start-first" => UpdateConfig.Types.UpdateOrder.StartFirst,
            _ => config.Order,
        };
        return config;
    }

    private static Option<string?> Among(string name, string description, string[] values)
    {
        Option<string?> option = Parse.Text(name, description, "word");
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
