// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Manager;

/// <summary>The service that reads the output of tasks wherever they run. Thread-safe.</summary>
/// <param name="broker">Brings the lines.</param>
public sealed class LogsService(LogBrokerService broker) : Logs.LogsBase
{
    /// <inheritdoc/>
    public override Task SubscribeLogs(
        SubscribeLogsRequest request, IServerStreamWriter<SubscribeLogsMessage> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return broker.SubscribeAsync(request, responseStream, context.CancellationToken);
    }
}
