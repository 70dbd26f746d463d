// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Store.Tables;

/// <summary>The kinds of stored objects and their words.</summary>
internal static class ObjectKinds
{
    public const int Number = 10;

    private static readonly string[] Nouns =
        ["node", "service", "task", "network", "cluster", "secret", "config", "resource", "extension", "volume"];

    public static string Noun(ObjectKind kind) => Nouns[(int)kind];

    /// <summary>The kind a message type belongs to.</summary>
    public static ObjectKind Of<T>() => Cache<T>.Kind;

    private static ObjectKind Find(Type type) => type switch
    {
        _ when type == typeof(Node) => ObjectKind.Node,
        _ when type == typeof(Service) => ObjectKind.Service,
        _ when type == typeof(Api.Task) => ObjectKind.Task,
        _ when type == typeof(Network) => ObjectKind.Network,
        _ when type == typeof(Cluster) => ObjectKind.Cluster,
        _ when type == typeof(Secret) => ObjectKind.Secret,
        _ when type == typeof(Config) => ObjectKind.Config,
        _ when type == typeof(Resource) => ObjectKind.Resource,
        _ when type == typeof(Extension) => ObjectKind.Extension,
        _ when type == typeof(Volume) => ObjectKind.Volume,
        _ => (ObjectKind)(-1),
    };

    private static class Cache<T>
    {
        private static readonly ObjectKind Found = Find(typeof(T));

        public static ObjectKind Kind => Found >= 0
            ? Found
            : throw new ArgumentException($"{typeof(T).Name} is not one of the ten kinds of objects that a store keeps.");
    }
}
