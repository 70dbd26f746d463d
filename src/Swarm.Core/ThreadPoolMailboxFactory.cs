// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>Makes mailboxes that run on the thread pool. Thread-safe.</summary>
/// <param name="time">The clock; the system's when left out.</param>
public sealed class ThreadPoolMailboxFactory(TimeProvider? time = null) : IMailboxFactory
{
    /// <inheritdoc/>
    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public Mailbox Create(string name) => new ThreadPoolMailbox(name, Time);
}
