// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>What a caller can do next.</summary>
internal enum Move
{
    Update,
    Prepare,
    Start,
    Wait,
    Shutdown,
    Terminate,
    Remove,

    /// <summary>Close the controller, make sure that it is closed, and go on with another.</summary>
    Close,

    /// <summary>The agent dies and comes back.</summary>
    Crash,
}
