// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Store.Writer;

/// <summary>Between changes and the actions of a log entry.</summary>
internal static class EntryActions
{
    /// <summary>Bytes of an entry without its actions, at most: the tag and value of its id.</summary>
    public const int EntryOverhead = 11;

    /// <summary>The action that repeats a change. One that removes names its object and nothing more.</summary>
    public static StoreAction ToAction(in StoreChange change)
    {
        StoreActionKind kind = change.Action switch
        {
            ChangeAction.Create => StoreActionKind.StoreActionCreate,
            ChangeAction.Update => StoreActionKind.StoreActionUpdate,
            _ => StoreActionKind.StoreActionRemove,
        };
        var action = new StoreAction { Action = kind };
        bool whole = change.New is not null;
        switch (change.Subject)
        {
            case Node o:
                action.Node = whole ? o : new() { Id = o.Id };
                break;
            case Service o:
                action.Service = whole ? o : new() { Id = o.Id };
                break;
            case Api.Task o:
                action.Task = whole ? o : new() { Id = o.Id };
                break;
            case Network o:
                action.Network = whole ? o : new() { Id = o.Id };
                break;
            case Cluster o:
                action.Cluster = whole ? o : new() { Id = o.Id };
                break;
            case Secret o:
                action.Secret = whole ? o : new() { Id = o.Id };
                break;
            case Config o:
                action.Config = whole ? o : new() { Id = o.Id };
                break;
            case Resource o:
                action.Resource = whole ? o : new() { Id = o.Id };
                break;
            case Api.Extension o:
                action.Extension = whole ? o : new() { Id = o.Id };
                break;
            case Volume o:
                action.Volume = whole ? o : new() { Id = o.Id };
                break;
        }

        return action;
    }

    /// <summary>The object an action is about.</summary>
    public static IStoreObject Target(StoreAction action) => action.TargetCase switch
    {
        StoreAction.TargetOneofCase.Node => action.Node,
        StoreAction.TargetOneofCase.Service => action.Service,
        StoreAction.TargetOneofCase.Task => action.Task,
        StoreAction.TargetOneofCase.Network => action.Network,
        StoreAction.TargetOneofCase.Cluster => action.Cluster,
        StoreAction.TargetOneofCase.Secret => action.Secret,
        StoreAction.TargetOneofCase.Config => action.Config,
        StoreAction.TargetOneofCase.Resource => action.Resource,
        StoreAction.TargetOneofCase.Extension => action.Extension,
        StoreAction.TargetOneofCase.Volume => action.Volume,
        _ => throw new SwarmException(SwarmErrorCode.InvalidArgument, "unknown store action: it has no object of a kind known here"),
    };

    /// <summary>Bytes an action takes in an entry.</summary>
    public static int SizeInEntry(StoreAction action)
    {
        int size = action.CalculateSize();
        return 1 + CodedOutputStream.ComputeLengthSize(size) + size;
    }
}
