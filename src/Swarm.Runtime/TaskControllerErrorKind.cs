// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>What a call to a task's controller ended with.</summary>
public enum TaskControllerErrorKind
{
    /// <summary>The task cannot be run as it is specified, or its runtime failed for good. Trying again does not help.</summary>
    Fatal,

    /// <summary>The call may succeed later: it is made again after <see cref="TaskStateMachine.RetryDelay"/>.</summary>
    Temporary,

    /// <summary>Prepare: the task has been prepared before. As good as success.</summary>
    AlreadyPrepared,

    /// <summary>Start: the task has been started before; it runs or has ended. As good as success: wait tells.</summary>
    AlreadyStarted,

    /// <summary>The controller has been closed.</summary>
    Closed,
}
