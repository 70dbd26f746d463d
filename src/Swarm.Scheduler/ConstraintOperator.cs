// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>How a constraint compares.</summary>
public enum ConstraintOperator
{
    /// <summary>"==": the value must be the same, without regard to case.</summary>
    Equal,

    /// <summary>"!=": the value must be another one.</summary>
    NotEqual,
}
