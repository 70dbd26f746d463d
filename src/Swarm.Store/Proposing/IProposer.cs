// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>
/// Puts entries into the log that all managers share, and says what the log does. The writer calls it from its mailbox,
/// one call at a time; the proposer reports to its listener in the order of the log.
/// </summary>
public interface IProposer
{
    /// <summary>Starts to report. Called once, before anything else.</summary>
    /// <param name="listener">Where to report to.</param>
    void Start(ILogListener listener);

    /// <summary>
    /// Appends an entry, after those proposed before it. Must not block. The proposer checks that the entry lands at the
    /// index it was stamped with; if it would not, or if it can no longer land at all, it sends nothing, ends the reign
    /// (<see cref="ILogListener.ReignEnded"/>) and ignores what is still proposed for that reign.
    /// </summary>
    /// <param name="proposal">The entry.</param>
    void Propose(StoreProposal proposal);

    /// <summary>
    /// The writer cannot go on leading (a defect, a lost race): give up this reign. Another may follow later, not at once.
    /// </summary>
    /// <param name="reign">The reign.</param>
    /// <param name="reason">One line for the log.</param>
    void StandDown(ulong reign, string reason);
}
