// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>The ways a call can end.</summary>
[Flags]
internal enum CallEndKind
{
    None = 0,
    Succeeded = 1,
    Cancelled = 2,

    /// <summary>The work ended, and not with exit code 0.</summary>
    Exited = 4,
    AlreadyPrepared = 8,
    AlreadyStarted = 16,
    Closed = 32,
    Temporary = 64,
    Fatal = 128,

    /// <summary>An exception that no caller of a controller knows.</summary>
    Unexpected = 256,
}
