// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Manager;

/// <summary>Bounds of the control API.</summary>
public sealed class ControlServiceOptions
{
    /// <summary>
    /// Largest answer to a List call, in bytes; a larger one is refused with <see cref="SwarmErrorCode.ResourceExhausted"/>,
    /// and the caller asks in parts, by ID prefixes. At least 64 KiB. Default: 4 MiB, what gRPC clients take unless told otherwise.
    /// </summary>
    public int MaxAnswerBytes { get; set; } = SwarmDefaults.MessageSizeMax;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        const int Least = 64 * 1024;
        if (MaxAnswerBytes < Least)
        {
            throw new ArgumentException($"MaxAnswerBytes is {MaxAnswerBytes}, below {Least}.");
        }
    }
}
