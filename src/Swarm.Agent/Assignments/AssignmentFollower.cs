// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Swarm.Agent.Nodes;
using Swarm.Agent.Sessions;
using Swarm.Agent.Tasks;
using Swarm.Api;

namespace Swarm.Agent.Assignments;

/// <summary>
/// The shell of an <see cref="AssignmentsMachine"/>: reads the stream and passes on what it means. Belongs to the agent's mailbox.
/// </summary>
internal sealed partial class AssignmentFollower(
    AssignmentsMachine machine, NodeDependencies dependencies, TaskSet tasks, ExecutorSet executors, ILogger logger)
{
    private const string NoCompleteSet = "the assignments do not begin with a complete set";

    /// <summary>Reads streams of assignments, a new one after each gap, until one ends.</summary>
    /// <param name="connection">The session.</param>
    /// <returns>False: the end of the stream is the end of the session.</returns>
    internal async Task<bool> FollowAsync(SessionConnection connection)
    {
        while (await ReadStreamAsync(connection))
        {
        }

        return false;
    }

    // True for a gap after at least one good message; a stream that begins with a gap would do so again.
    private async Task<bool> ReadStreamAsync(SessionConnection connection)
    {
        machine.BeginStream();
        bool isFirst = true;
        using AsyncServerStreamingCall<AssignmentsMessage> call = connection.Dispatcher.Assignments(
            new AssignmentsRequest { SessionId = connection.SessionId }, cancellationToken: connection.Closed);
        while (await call.ResponseStream.MoveNext(connection.Closed))
        {
            AssignmentsMessage message = call.ResponseStream.Current;
            await executors.WhenConfiguredAsync();
            connection.Closed.ThrowIfCancellationRequested();
            foreach (AssignmentOutput output in machine.Step(message))
            {
                if (output is AssignmentOutput.Gap gap)
                {
                    LogGap(logger, gap.Expected, gap.Got);
                    return isFirst ? throw new RpcException(new Status(StatusCode.Aborted, NoCompleteSet)) : true;
                }

                Do(output);
            }

            if (message.Type == AssignmentsMessage.Types.Type.Complete)
            {
                tasks.DependenciesKnown();
            }

            isFirst = false;
        }

        return false;
    }

    private void Do(AssignmentOutput output)
    {
        switch (output)
        {
            case AssignmentOutput.SecretPut put:
                dependencies.Put(put.Secret);
                break;
            case AssignmentOutput.ConfigPut put:
                dependencies.Put(put.Config);
                break;
            case AssignmentOutput.TaskPut put:
                tasks.Put(put.Task);
                break;
            case AssignmentOutput.TaskGone gone:
                tasks.TakeAway(gone.Id);
                break;
            case AssignmentOutput.SecretGone gone:
                dependencies.RemoveSecret(gone.Id);
                break;
            case AssignmentOutput.ConfigGone gone:
                dependencies.RemoveConfig(gone.Id);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(
        EventId = 101, EventName = "AssignmentsGap",
        Level = LogLevel.Warning,
        Message = "Assignments have a gap: the next applies to '{Got}', expected '{Expected}'; the stream is opened anew")]
    private static partial void LogGap(ILogger logger, string expected, string got);
}
