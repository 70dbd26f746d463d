// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;

namespace Swarm.Api;

/// <summary>
/// An object that a cluster keeps in its replicated state. Objects in a store are frozen: they are read by any thread and
/// never changed; a new version is made with the <c>With…</c> copies.
/// </summary>
public interface IStoreObject : IMessage
{
    /// <summary>The id: 25 characters, given when the object is made, never changed.</summary>
    string Id { get; }

    /// <summary>Version and times of the last write; null only on an object that never was in a store.</summary>
    Meta? Meta { get; }

    /// <summary>Which table it belongs to.</summary>
    ObjectKind Kind { get; }

    /// <summary>The name that is unique in its table without regard to case; empty for what has none, as tasks.</summary>
    string Name { get; }

    /// <summary>A one-level copy with another version stamp.</summary>
    /// <param name="meta">The new stamp.</param>
    /// <returns>The copy; this object stays as it is.</returns>
    IStoreObject WithMeta(Meta? meta);
}
