// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Api;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>One session as a fake manager sees it.</summary>
internal sealed class FakeSession(SessionRequest request, string id)
{
    internal SessionRequest Request => request;

    internal string Id => id;

    internal FakeStream<SessionMessage> Messages { get; } = new();

    internal List<FakeStream<AssignmentsMessage>> Assignments { get; } = [];

    internal FakeStream<SubscriptionMessage>? Subscriptions { get; set; }

    internal int Heartbeats { get; set; }

    /// <summary>All status reports, in order.</summary>
    internal List<UpdateTaskStatusRequest> Reports { get; } = [];

    /// <summary>The states reported of a task, in order.</summary>
    internal IEnumerable<TaskState> States(string taskId) =>
        Reports.SelectMany(static report => report.Updates)
            .Where(update => update.TaskId == taskId)
            .Select(static update => update.Status.State);

    /// <summary>The last status reported of a task.</summary>
    internal TaskStatus? Last(string taskId) =>
        Reports.SelectMany(static report => report.Updates).LastOrDefault(update => update.TaskId == taskId)?.Status;

    internal void EndAll(StatusCode status, string detail)
    {
        Messages.End(status, detail);
        Subscriptions?.End(status, detail);
        Assignments.ForEach(stream => stream.End(status, detail));
    }
}
