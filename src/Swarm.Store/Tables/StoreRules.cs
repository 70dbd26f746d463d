// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store.Tables;

/// <summary>
/// The store's own rules, which leader and followers hold every write against: ids, unique names, resources and their extensions.
/// </summary>
internal static class StoreRules
{
    /// <summary>Whether two versions take the same place among the unique: then the order of writes between them does not matter.</summary>
    public static bool SamePlace(IStoreObject a, IStoreObject b) =>
        string.Equals(TableSchema.Fold(a.Name), TableSchema.Fold(b.Name), StringComparison.Ordinal)
        && (a is not Resource ra || b is not Resource rb || ra.Kind == rb.Kind);

    public static void CheckCreate(StoreRoot root, IStoreObject o)
    {
        if (o.Id.Length == 0)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"a {ObjectKinds.Noun(o.Kind)} without an id cannot be stored");
        }

        if (root.Find(o.Kind, o.Id) is not null)
        {
            throw new SwarmException(SwarmErrorCode.AlreadyExists, $"object already exists: {ObjectKinds.Noun(o.Kind)} with id {o.Id}");
        }

        CheckName(root, o);
        CheckExtension(root, o);
    }

    /// <summary>Checks an update.</summary>
    /// <returns>The stored object that it replaces.</returns>
    public static IStoreObject CheckUpdate(StoreRoot root, IStoreObject o)
    {
        IStoreObject old = Stored(root, o.Kind, o.Id);
        if (!SamePlace(old, o))
        {
            CheckName(root, o);
        }

        CheckExtension(root, o);
        return old;
    }

    /// <summary>Finds what must exist.</summary>
    public static IStoreObject Stored(StoreRoot root, ObjectKind kind, string id) =>
        root.Find(kind, id)
        ?? throw new SwarmException(SwarmErrorCode.NotFound, $"object does not exist: {ObjectKinds.Noun(kind)} with id {id}");

    /// <summary>On the leader only: an extension that is in use keeps its name and its place.</summary>
    public static void CheckNotInUse(StoreReader reader, Extension extension)
    {
        string name = ((IStoreObject)extension).Name;
        if (reader.ResourcesByKind(name).FirstOrDefault() is { } user)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"extension {name} is in use by resource {user.Annotations?.Name ?? user.Id}; remove its resources first");
        }
    }

    private static void CheckName(StoreRoot root, IStoreObject o)
    {
        TableState table = root.Table(o.Kind);
        if (table.Schema.UniqueNames && table.FindByName(o.Name) is { } other && other.Id != o.Id)
        {
            throw new SwarmException(
                SwarmErrorCode.AlreadyExists,
                $"name conflicts with an existing object: {ObjectKinds.Noun(o.Kind)} {o.Name} already exists");
        }
    }

    private static void CheckExtension(StoreRoot root, IStoreObject o)
    {
        if (o is Resource resource && root.Table(ObjectKind.Extension).FindByName(resource.Kind) is null)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"object kind is unregistered: no extension named {resource.Kind} exists; create it before its resources");
        }
    }
}
