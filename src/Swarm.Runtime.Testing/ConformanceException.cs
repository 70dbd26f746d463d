// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>Thrown by a <see cref="ConformanceCase"/>: the executor breaks the contract; the message says which rule, and how.</summary>
public sealed class ConformanceException : Exception
{
    /// <summary>Makes an error without a text of its own.</summary>
    public ConformanceException()
        : this("the executor does not keep the contract")
    {
    }

    /// <summary>Makes an error.</summary>
    /// <param name="message">What was expected and what happened instead.</param>
    public ConformanceException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with a cause.</summary>
    /// <param name="message">What was expected and what happened instead.</param>
    /// <param name="innerException">What the executor threw.</param>
    public ConformanceException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
