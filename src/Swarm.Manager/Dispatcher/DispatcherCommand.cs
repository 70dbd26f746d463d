// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>A write of the dispatcher. It decides on the state it meets, so running it twice, or late, does no harm.</summary>
internal abstract record DispatcherCommand(string Name)
{
    /// <summary>Does the write.</summary>
    public abstract void Apply(IStoreTransaction transaction);

    /// <summary>What is to be written about a node.</summary>
    public sealed record NodeWrite(string NodeId, NodeStatus.Types.State State, string Message, string? Addr, NodeDescription? Description)
    {
        /// <summary>How often the write was refused and tried again.</summary>
        public int Retries { get; init; }
    }

    /// <summary>What a node reports about a task.</summary>
    public sealed record StatusWrite(string NodeId, string TaskId, Api.TaskStatus Status, long Request, int Size);

    /// <summary>Writes the states of nodes, and where they gave one their description.</summary>
    public sealed record WriteNodes(IReadOnlyList<NodeWrite> Nodes) : DispatcherCommand("dispatcher.nodes")
    {
        /// <inheritdoc/>
        public override void Apply(IStoreTransaction transaction)
        {
            foreach (NodeWrite write in Nodes)
            {
                if (transaction.Get<Node>(write.NodeId) is { } node && Changed(node, write) is { } changed)
                {
                    transaction.Update(changed);
                }
            }
        }

        private static Node? Changed(Node node, NodeWrite write)
        {
            var status = new NodeStatus
            {
                State = write.State,
                Message = write.Message,
                Addr = write.Addr ?? node.Status?.Addr ?? "",
            };
            bool describes = write.Description is not null && !write.Description.Equals(node.Description);
            if (!describes && status.Equals(node.Status))
            {
                return null;
            }

            Node changed = node.ShallowCopy();
            changed.Status = status;
            if (describes)
            {
                changed.Description = write.Description;
            }

            return changed;
        }
    }

    /// <summary>Writes task statuses. One that would take a task back, or says nothing new, is dropped.</summary>
    public sealed record WriteStatuses(string AppliedBy, IReadOnlyList<StatusWrite> Statuses) : DispatcherCommand("dispatcher.statuses")
    {
        /// <inheritdoc/>
        public override void Apply(IStoreTransaction transaction)
        {
            foreach (StatusWrite write in Statuses)
            {
                if (transaction.Get<Api.Task>(write.TaskId) is { } task
                    && task.NodeId == write.NodeId
                    && write.Status.State >= task.ObservedState()
                    && !SameReport(task.Status, write.Status))
                {
                    Api.TaskStatus status = write.Status.ShallowCopy();
                    status.AppliedBy = AppliedBy;
                    status.AppliedAt = transaction.Now;
                    if (status.Timestamp is not null && status.Timestamp.ToTime() is null)
                    {
                        status.Timestamp = transaction.Now; // No time at all; whoever reads it must not trip over it.
                    }

                    transaction.Update(task.WithStatus(status));
                }
            }
        }

        // The stamp of whoever wrote it is not part of the report.
        private static bool SameReport(Api.TaskStatus? stored, Api.TaskStatus reported)
        {
            if (stored is null)
            {
                return false;
            }

            Api.TaskStatus bare = reported.ShallowCopy();
            bare.AppliedBy = stored.AppliedBy;
            bare.AppliedAt = stored.AppliedAt;
            return bare.Equals(stored);
        }
    }

    /// <summary>Gives up the tasks of a node that is still down.</summary>
    public sealed record OrphanTasks(string NodeId, string AppliedBy, IReadOnlyList<string> TaskIds)
        : DispatcherCommand("dispatcher.orphans")
    {
        /// <inheritdoc/>
        public override void Apply(IStoreTransaction transaction)
        {
            if (transaction.Get<Node>(NodeId) is not { Status.State: NodeStatus.Types.State.Down })
            {
                return;
            }

            foreach (string id in TaskIds)
            {
                if (transaction.Get<Api.Task>(id) is { } task && task.NodeId == NodeId && MayBeOrphaned(task))
                {
                    Timestamp now = transaction.Now;
                    Api.TaskStatus status = task.Status?.ShallowCopy() ?? new Api.TaskStatus();
                    status.State = TaskState.Orphaned;
                    status.Message = "the node has been down for too long";
                    status.Timestamp = now;
                    status.AppliedBy = AppliedBy;
                    status.AppliedAt = now;
                    transaction.Update(task.WithStatus(status));
                }
            }
        }

        /// <summary>Whether a task is one its node would still be working on.</summary>
        public static bool MayBeOrphaned(Api.Task task) => task.ObservedState() is >= TaskState.Assigned and <= TaskState.Running;
    }
}
