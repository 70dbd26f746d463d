// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Testing;

/// <summary>How faulty a <see cref="FaultyProposer"/> is.</summary>
public sealed class FaultyProposerOptions
{
    /// <summary>Number of reigns that end badly; after them the log is healthy.</summary>
    /// <value>0 or more; default 5.</value>
    public int BadReigns { get; set; } = 5;

    /// <summary>Most proposals of a bad reign that are appended before the rest is dropped; the number is drawn for each reign.</summary>
    /// <value>1 or more; default 8.</value>
    public int MaxProposalsPerBadReign { get; set; } = 8;

    /// <summary>
    /// Longest time from a proposal to its commit (order is kept), from the first drop to the end of the reign, and between
    /// reigns.
    /// </summary>
    /// <value>Not negative; default 50 ms.</value>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Validate()
    {
        if (BadReigns < 0 || MaxProposalsPerBadReign < 1 || MaxDelay < TimeSpan.Zero)
        {
            throw new ArgumentException(
                "FaultyProposerOptions: BadReigns and MaxDelay must not be negative, MaxProposalsPerBadReign at least 1.");
        }
    }
}
