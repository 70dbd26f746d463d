// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Client.Tests;

/// <summary>A log service that has some lines to tell, and remembers what was asked.</summary>
internal sealed class LogLines(params LogMessage[] lines) : Logs.LogsBase
{
    public SubscribeLogsRequest? Asked { get; private set; }

    /// <summary>What happens once somebody listens, before the lines come.</summary>
    public Func<System.Threading.Tasks.Task>? Meanwhile { get; set; }

    public override async Task SubscribeLogs(
        SubscribeLogsRequest request, IServerStreamWriter<SubscribeLogsMessage> responseStream, ServerCallContext context)
    {
        Asked = request;
        if (Meanwhile is { } meanwhile)
        {
            await meanwhile();
        }

        await responseStream.WriteAsync(new SubscribeLogsMessage { Messages = { lines } });
    }
}
