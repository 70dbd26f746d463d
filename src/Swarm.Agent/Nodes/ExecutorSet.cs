// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Swarm.Api;
using Swarm.Core;
using Swarm.Runtime;

namespace Swarm.Agent.Nodes;

/// <summary>
/// The executors of the node as one: describes the node from their parts, hands them what the manager says, one change after the other.
/// What an executor throws is logged and concerns no other. Belongs to the agent's mailbox.
/// </summary>
internal sealed partial class ExecutorSet
{
    private readonly SwarmAgentOptions _options;
    private readonly IReadOnlyList<IExecutor> _executors;
    private readonly Mailbox _mailbox;
    private readonly ILogger _logger;
    private readonly NodeDescription?[] _last;
    private readonly string?[] _problems;
    private Task _changes = Task.CompletedTask;

    internal ExecutorSet(SwarmAgentOptions options, IReadOnlyList<IExecutor> executors, Mailbox mailbox, ILogger logger)
    {
        _options = options;
        _executors = executors;
        _mailbox = mailbox;
        _logger = logger;
        _last = new NodeDescription?[executors.Count];
        _problems = new string?[executors.Count];
    }

    /// <summary>Told when an executor can, or can no longer, describe its part of the node: its name, and why not or "".</summary>
    internal Action<string, string> Described { get; init; } = static (_, _) => { };

    /// <summary>Describes the node; an executor that fails is described as it was the last time.</summary>
    internal async Task<NodeDescription> DescribeAsync()
    {
        for (int i = 0; i < _executors.Count; i++)
        {
            int index = i;
            string problem = await CallAsync(
                _executors[i],
                "describe its part of the node",
                async (executor, token) => _last[index] = await executor.DescribeAsync(token),
                _options.RpcTimeout);
            if (problem != _problems[i])
            {
                _problems[i] = problem;
                Described(_executors[i].RuntimeName, problem);
            }
        }

        return NodeDescriptions.Merge([Own(), .. _last.OfType<NodeDescription>()]);
    }

    /// <summary>
    /// Ends what is left of tasks that the node does not know. Errors are the executor's to log and to try again next time.
    /// </summary>
    internal async Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds)
    {
        foreach (IExecutor executor in _executors)
        {
            await CallAsync(
                executor, "end what is left of old tasks", (e, token) => e.ReconcileAsync(knownTaskIds, token), Timeout.InfiniteTimeSpan);
        }
    }

    internal void NodeChanged(Node node) =>
        _changes = AfterAsync(_changes, "take over the node's configuration", (executor, token) => executor.ConfigureAsync(node, token));

    internal void KeysChanged(IReadOnlyList<EncryptionKey> keys) =>
        _changes = AfterAsync(
            _changes, "take over the network keys", (executor, token) => executor.SetNetworkBootstrapKeysAsync(keys, token));

    /// <summary>Waits until every executor has what was handed over so far.</summary>
    internal Task WhenConfiguredAsync() => _changes;

    private NodeDescription Own()
    {
        var own = new NodeDescription
        {
            Hostname = _options.Hostname,
            Engine = new EngineDescription(),
            TlsInfo = _options.TlsInfo?.Invoke(),
        };
        foreach ((string key, string value) in _options.EngineLabels)
        {
            own.Engine.Labels[key] = value;
        }

        own.Engine.Plugins.AddRange(_executors.Select(static executor => RuntimePlugins.Describe(executor.RuntimeName)));
        return own;
    }

    private async Task AfterAsync(Task before, string what, Func<IExecutor, CancellationToken, Task> call)
    {
        await before;
        foreach (IExecutor executor in _executors)
        {
            await CallAsync(executor, what, call);
        }
    }

    private Task CallAsync(IExecutor executor, string what, Func<IExecutor, CancellationToken, Task> call) =>
        CallAsync(executor, what, call, _options.RpcTimeout);

    // Gives why it failed; empty if it did not.
    private async Task<string> CallAsync(IExecutor executor, string what, Func<IExecutor, CancellationToken, Task> call, TimeSpan timeout)
    {
        using var end = new CancellationTokenSource(timeout, _mailbox.Time);
        try
        {
            await call(executor, end.Token);
            return "";
        }
        catch (Exception e)
        {
            // Foreign code: its failure is its own.
            LogFailed(_logger, executor.RuntimeName, what, e.Message);
            return e is OperationCanceledException && end.IsCancellationRequested
                ? $"no answer within {_options.RpcTimeout.TotalSeconds:0.###} s"
                : e.Message.ReplaceLineEndings(" ");
        }
    }

    [LoggerMessage(EventId = 104, EventName = "ExecutorFailed", Level = LogLevel.Warning,
        Message = "Executor {Executor} could not {What}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string executor, string what, string reason);
}
