// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>
/// A controller whose container or port status can change between two states of the task, such as when a running task has chosen its
/// port.
/// </summary>
public interface ITaskStatusNotifier
{
    /// <summary>
    /// Raised when what <see cref="IContainerStatusSource"/> or <see cref="IPortStatusSource"/> gives has changed. Raised on any thread;
    /// handlers return at once (post to a mailbox) and do not throw.
    /// </summary>
    event EventHandler? StatusChanged;
}
