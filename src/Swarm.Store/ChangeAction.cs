// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store;

/// <summary>What was done to an object.</summary>
public enum ChangeAction
{
    /// <summary>It was added.</summary>
    Create,

    /// <summary>It was replaced by a newer version.</summary>
    Update,

    /// <summary>It was taken away.</summary>
    Remove,
}
