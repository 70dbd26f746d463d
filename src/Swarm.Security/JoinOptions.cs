// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Security;

/// <summary>How a node joins or renews. Set it up, then leave it alone.</summary>
public sealed class JoinOptions
{
    /// <summary>The join token; null for a renewal, or for a join that trusts whatever root it is served first.</summary>
    public JoinToken? Token { get; set; }

    /// <summary>Whether the node may be given tasks at once. Default: active.</summary>
    public NodeSpec.Types.Availability Availability { get; set; } = NodeSpec.Types.Availability.Active;

    /// <summary>Tries of each step. Default 5, at least 1.</summary>
    public int Tries { get; set; } = 5;

    /// <summary>Pause between two tries. Default 2 s.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time allowed for one call. Default 5 s, more than 0.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two status calls that were answered "not yet". Default 500 ms.</summary>
    public TimeSpan PollPause { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Status calls before the join is given up. Default 60 (five minutes at 5 s each), at least 1.</summary>
    public int PollsMax { get; set; } = 60;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    public void Validate()
    {
        if (Tries < 1 || PollsMax < 1)
        {
            throw new ArgumentException($"{nameof(JoinOptions)}: {nameof(Tries)} and {nameof(PollsMax)} must be at least 1.");
        }

        if (CallTimeout <= TimeSpan.Zero || RetryPause < TimeSpan.Zero || PollPause < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(JoinOptions)}: {nameof(CallTimeout)} must be more than 0, pauses not less than 0.");
        }
    }
}
