// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>How an operation on a task ended.</summary>
public enum TaskOutcomeKind
{
    /// <summary>It did what it should (or that had been done before).</summary>
    Succeeded,

    /// <summary>The work ended by itself with an exit code other than 0.</summary>
    Exited,

    /// <summary>It failed for good.</summary>
    Failed,

    /// <summary>It failed for now.</summary>
    Temporary,

    /// <summary>It was cancelled, such as for a change of the desired state.</summary>
    Cancelled,
}
