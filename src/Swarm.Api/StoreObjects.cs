// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Api;

// The ten kinds of stored objects, seen alike by the store. Explicit where a field of the wire has the same name.

public sealed partial class Node : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Node;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Service : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Service;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Task : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Task;

    string IStoreObject.Name => "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Network : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Network;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Cluster : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Cluster;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Secret : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Secret;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Config : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Config;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Resource : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Resource;

    string IStoreObject.Name => Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Extension : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Extension;

    string IStoreObject.Name => Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}

public sealed partial class Volume : IStoreObject
{
    ObjectKind IStoreObject.Kind => ObjectKind.Volume;

    string IStoreObject.Name => Spec?.Annotations?.Name ?? "";

    IStoreObject IStoreObject.WithMeta(Meta? meta) => WithMeta(meta);
}
