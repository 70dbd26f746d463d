// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Agent;

/// <summary>
/// The agent's memory of its tasks, by which a node goes on after a crash without any manager. The agent calls one method at
/// a time, from its mailbox; an implementation that does blocking I/O does it elsewhere.
/// </summary>
public interface ITaskStateStore : IAsyncDisposable
{
    /// <summary>Opens the store and reads everything in it.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The tasks, ordered by id.</returns>
    /// <exception cref="SwarmException">The store cannot be read; the text says where it is and what to do.</exception>
    Task<IReadOnlyList<StoredTask>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Writes some tasks, all or none. When the call has ended well, the writes outlive a crash of the machine.</summary>
    /// <param name="writes">The writes; of two for one task the later counts.</param>
    /// <param name="cancellationToken">Gives up waiting; the writes may still happen.</param>
    /// <returns>Ends when the writes are safe.</returns>
    /// <exception cref="SwarmException">The writes failed; none of them counts.</exception>
    Task WriteAsync(IReadOnlyList<TaskStateWrite> writes, CancellationToken cancellationToken);
}
