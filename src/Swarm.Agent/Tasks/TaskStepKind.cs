// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Agent.Tasks;

/// <summary>What a <see cref="TaskManagerCore"/> wants done next.</summary>
internal enum TaskStepKind
{
    /// <summary>Nothing until an input or, where it is given, a time comes.</summary>
    Wait,

    /// <summary>Write the task to the state store, then report its status.</summary>
    Save,

    /// <summary>Give the controller the task as it is now.</summary>
    Update,

    /// <summary>Do an operation of the task state machine.</summary>
    Operate,

    /// <summary>Have the controller remove what is left of the task.</summary>
    Remove,

    /// <summary>Delete the task from the state store.</summary>
    Forget,

    /// <summary>Nothing is left to do with this task.</summary>
    Done,
}
