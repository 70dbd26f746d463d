// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>Thrown by <see cref="ITaskController.WaitAsync"/>: the work ended, and not with exit code 0.</summary>
public sealed class TaskExitException : Exception
{
    /// <summary>Makes an error of a task that ended with an unknown exit code.</summary>
    public TaskExitException()
        : this(UnknownExitCode)
    {
    }

    /// <summary>Makes an error of a task that ended with an unknown exit code.</summary>
    /// <param name="message">One line saying how the work ended.</param>
    public TaskExitException(string message)
        : this(UnknownExitCode, message)
    {
    }

    /// <summary>Makes an error of a task that ended with an unknown exit code.</summary>
    /// <param name="message">One line saying how the work ended.</param>
    /// <param name="innerException">The cause.</param>
    public TaskExitException(string message, Exception innerException)
        : base(message, innerException) => ExitCode = UnknownExitCode;

    /// <summary>Makes an error of a task that ended.</summary>
    /// <param name="exitCode">Its exit code: 1 to 255, 128 plus the number of the signal that ended it, or <see
    /// cref="UnknownExitCode"/>.</param>
    /// <param name="message">One line saying how the work ended; null for "task: non-zero exit (N)".</param>
    public TaskExitException(int exitCode, string? message = null)
        : base(message ?? $"task: non-zero exit ({exitCode})") => ExitCode = exitCode;

    /// <summary>The exit code of work whose end nobody saw.</summary>
    public const int UnknownExitCode = -1;

    /// <summary>The exit code.</summary>
    public int ExitCode { get; }
}
