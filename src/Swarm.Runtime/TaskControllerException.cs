// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>Thrown by a task's controller: says in one line what is wrong, and by its kind what the caller is to do.</summary>
public sealed class TaskControllerException : Exception
{
    /// <summary>Makes a fatal error without a text of its own.</summary>
    public TaskControllerException()
        : this(TaskControllerErrorKind.Fatal, "task failed")
    {
    }

    /// <summary>Makes a fatal error.</summary>
    /// <param name="message">One line saying what is wrong; it becomes the task's error.</param>
    public TaskControllerException(string message)
        : this(TaskControllerErrorKind.Fatal, message)
    {
    }

    /// <summary>Makes a fatal error with a cause.</summary>
    /// <param name="message">One line saying what is wrong; it becomes the task's error.</param>
    /// <param name="innerException">The cause.</param>
    public TaskControllerException(string message, Exception innerException)
        : this(TaskControllerErrorKind.Fatal, message, innerException)
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="kind">What it means for the caller.</param>
    /// <param name="message">One line saying what is wrong; it becomes the task's error.</param>
    /// <param name="innerException">The cause, or null.</param>
    public TaskControllerException(TaskControllerErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What the error means for the caller.</summary>
    public TaskControllerErrorKind Kind { get; }
}
