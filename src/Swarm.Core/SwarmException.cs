// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>An operating error: something that can go wrong in a healthy program, with a code to act on and one line for people.</summary>
public sealed class SwarmException : Exception
{
    /// <summary>Makes an error of the kind <see cref="SwarmErrorCode.Internal"/>.</summary>
    public SwarmException()
        : this(SwarmErrorCode.Internal, "internal error")
    {
    }

    /// <summary>Makes an error of the kind <see cref="SwarmErrorCode.Internal"/>.</summary>
    /// <param name="message">One line for people.</param>
    public SwarmException(string message)
        : this(SwarmErrorCode.Internal, message)
    {
    }

    /// <summary>Makes an error of the kind <see cref="SwarmErrorCode.Internal"/> with its cause.</summary>
    /// <param name="message">One line for people.</param>
    /// <param name="innerException">The cause.</param>
    public SwarmException(string message, Exception innerException)
        : this(SwarmErrorCode.Internal, message, innerException)
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="code">The kind.</param>
    /// <param name="message">One line: what is wrong and, where there is something to do, what.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SwarmException(SwarmErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The kind of error.</summary>
    public SwarmErrorCode Code { get; }
}
