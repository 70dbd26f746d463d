// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>Settings of the dispatcher, the part of a manager that workers talk to.</summary>
public sealed class DispatcherOptions
{
    /// <summary>Part of the heartbeat period by which each period is varied up and down. 0 … 0.5; default 0.1.</summary>
    public double HeartbeatJitter { get; set; } = 0.1;

    /// <summary>Heartbeat periods without a heartbeat after which a node is down. At least 2; default 3.</summary>
    public int HeartbeatGraceMultiplier { get; set; } = SwarmDefaults.HeartbeatGraceMultiplier;

    /// <summary>
    /// The same right after this manager became leader, when every node has to find it first. At least
    /// <see cref="HeartbeatGraceMultiplier"/>; default 6.
    /// </summary>
    public int NewReignGraceMultiplier { get; set; } = 6;

    /// <summary>Sessions one node may open within <see cref="RegistrationWindow"/>. At least 1; default 3.</summary>
    public int RegistrationsMax { get; set; } = 3;

    /// <summary>The time over which <see cref="RegistrationsMax"/> counts. Above zero; default 8 s.</summary>
    public TimeSpan RegistrationWindow { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Least time between two assignment messages to one node; the first change after a quiet spell is sent at once.
    /// At least zero; default 100 ms.
    /// </summary>
    public TimeSpan AssignmentBatchDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Changes that are sent without waiting for <see cref="AssignmentBatchDelay"/>. At least 1; default 100.</summary>
    public int AssignmentBatchChanges { get; set; } = 100;

    /// <summary>
    /// Bytes at which an assignment message is cut and continued in the next. 64 KiB … 4 MiB; default 3 MiB. Only a first message
    /// whose live tasks alone take more is larger, as a task missing there would be stopped; agents take that, servers must send it
    /// (<see cref="Swarm.Rpc.RpcServerOptions.SendSizeMax"/>).
    /// </summary>
    public int AssignmentMessageBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>Longest time a task status waits for others while a write is under way. At least zero; default 100 ms.</summary>
    public TimeSpan StatusBatchDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Task statuses that may wait to be written; more are refused as Unavailable. At least 1; default 10 000.</summary>
    public int StatusQueueMax { get; set; } = 10_000;

    /// <summary>Most objects in one write. At least 1; default 500.</summary>
    public int WriteItemsMax { get; set; } = 500;

    /// <summary>Bytes of objects at which a write is cut. 16 KiB … 768 KiB; default 512 KiB.</summary>
    public int WriteBytesMax { get; set; } = 512 * 1024;

    /// <summary>Writes of task statuses under way at once. At least 1; default 4.</summary>
    public int WritesInFlightMax { get; set; } = 4;

    /// <summary>Times a refused write of node states is tried again, one second apart. At least 0; default 10.</summary>
    public int NodeWriteRetries { get; set; } = 10;

    /// <summary>Time after which the tasks of a node that stays down count as lost for good. Above zero; default 24 h.</summary>
    public TimeSpan OrphanDelay { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the text names it.</exception>
    public void Validate()
    {
        OptionCheck.Range(HeartbeatJitter, 0, 0.5, nameof(HeartbeatJitter));
        OptionCheck.AtLeast(HeartbeatGraceMultiplier, 2, nameof(HeartbeatGraceMultiplier));
        OptionCheck.AtLeast(NewReignGraceMultiplier, HeartbeatGraceMultiplier, nameof(NewReignGraceMultiplier));
        OptionCheck.AtLeast(RegistrationsMax, 1, nameof(RegistrationsMax));
        OptionCheck.Positive(RegistrationWindow, nameof(RegistrationWindow));
        OptionCheck.NotNegative(AssignmentBatchDelay, nameof(AssignmentBatchDelay));
        OptionCheck.AtLeast(AssignmentBatchChanges, 1, nameof(AssignmentBatchChanges));
        OptionCheck.Range(AssignmentMessageBytes, 64 * 1024, SwarmDefaults.MessageSizeMax, nameof(AssignmentMessageBytes));
        OptionCheck.NotNegative(StatusBatchDelay, nameof(StatusBatchDelay));
        OptionCheck.AtLeast(StatusQueueMax, 1, nameof(StatusQueueMax));
        OptionCheck.AtLeast(WriteItemsMax, 1, nameof(WriteItemsMax));
        OptionCheck.Range(WriteBytesMax, 16 * 1024, 768 * 1024, nameof(WriteBytesMax));
        OptionCheck.AtLeast(WritesInFlightMax, 1, nameof(WritesInFlightMax));
        OptionCheck.AtLeast(NodeWriteRetries, 0, nameof(NodeWriteRetries));
        OptionCheck.Positive(OrphanDelay, nameof(OrphanDelay));
    }
}
