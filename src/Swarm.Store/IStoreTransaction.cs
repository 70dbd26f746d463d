// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store;

/// <summary>
/// Reads and writes of one atom: all of it happens or nothing. It may be run a second time, from the same state and
/// with the same random stream but another <see cref="EntryIndex"/>, when it did not fit into the log entry being built;
/// so it must have no effect but on the transaction. Valid only while the atom runs.
/// </summary>
public interface IStoreTransaction : IStoreReader
{
    /// <summary>The log index this atom will be written at: the version of what it writes. Use it for spec versions.</summary>
    ulong EntryIndex { get; }

    /// <summary>The time of the command or turn, as messages hold it. Frozen: share it, do not change it.</summary>
    Timestamp Now { get; }

    /// <summary>A random stream of this atom's own; the same when the atom is run again.</summary>
    SeededRandom Random { get; }

    /// <summary>Makes ids, from <see cref="Random"/>. Not for secrets.</summary>
    IIdSource Ids { get; }

    /// <summary>Adds an object. The store keeps a copy with a new <c>meta</c> (version, created and updated time).</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="o">The object, with an id; frozen from now on.</param>
    /// <exception cref="SwarmException">
    /// <see cref="SwarmErrorCode.AlreadyExists"/>: the id or name is taken; <see cref="SwarmErrorCode.FailedPrecondition"/>:
    /// a resource whose extension does not exist; <see cref="SwarmErrorCode.InvalidArgument"/>: no id.
    /// </exception>
    void Create<T>(T o)
        where T : class, IStoreObject;

    /// <summary>
    /// Replaces an object. The version in its <c>meta</c> must be the stored one; make it from the stored object with
    /// <c>With…</c>. Where the stored one was written in this same entry, it must even be derived from that very object.
    /// </summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="o">The new object; frozen from now on. The store keeps a copy with a new <c>meta</c>.</param>
    /// <exception cref="SwarmException">
    /// <see cref="SwarmErrorCode.OutOfSequence"/>: derived from another version; <see cref="SwarmErrorCode.NotFound"/>: no such
    /// object; <see cref="SwarmErrorCode.AlreadyExists"/>: the new name is taken; <see cref="SwarmErrorCode.FailedPrecondition"/>:
    /// a resource whose extension does not exist, or a new name for an extension that has resources.
    /// </exception>
    void Update<T>(T o)
        where T : class, IStoreObject;

    /// <summary>Takes an object away.</summary>
    /// <typeparam name="T">One of the ten kinds of stored objects.</typeparam>
    /// <param name="id">Its id.</param>
    /// <exception cref="SwarmException">
    /// <see cref="SwarmErrorCode.NotFound"/>: no such object; <see cref="SwarmErrorCode.FailedPrecondition"/>: an extension that
    /// has resources.
    /// </exception>
    void Remove<T>(string id)
        where T : class, IStoreObject;
}
