// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>How far a <see cref="ProcessRun"/> is.</summary>
internal enum RunState
{
    New,
    Prepared,
    Starting,
    Running,
    Ended,
    Removed,
}
