// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>Makes mailboxes. The seam between running for real and running in a simulation. Thread-safe.</summary>
public interface IMailboxFactory
{
    /// <summary>The clock of all mailboxes made here.</summary>
    TimeProvider Time { get; }

    /// <summary>Makes a mailbox.</summary>
    /// <param name="name">A name for logs and traces.</param>
    /// <returns>A new, empty mailbox.</returns>
    Mailbox Create(string name);
}
