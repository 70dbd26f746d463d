// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>What is to be done with a task next.</summary>
public enum TaskOperation
{
    /// <summary>Nothing, until the desired state changes.</summary>
    None,

    /// <summary>Only report the new state, then decide again.</summary>
    Advance,

    /// <summary>Call <see cref="ITaskController.PrepareAsync"/>.</summary>
    Prepare,

    /// <summary>Call <see cref="ITaskController.StartAsync"/>.</summary>
    Start,

    /// <summary>Call <see cref="ITaskController.WaitAsync"/>.</summary>
    Wait,

    /// <summary>Call <see cref="ITaskController.ShutdownAsync"/>; a wait under way is cancelled.</summary>
    Shutdown,

    /// <summary>Call <see cref="ITaskController.TerminateAsync"/>.</summary>
    Terminate,
}
