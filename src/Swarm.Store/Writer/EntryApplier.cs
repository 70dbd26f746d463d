// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tables;

namespace Swarm.Store.Writer;

/// <summary>
/// Applies an entry as every member does: verbatim, with no validation beyond the store's own rules, all of it or nothing.
/// </summary>
internal static class EntryApplier
{
    /// <summary>Applies an entry.</summary>
    /// <param name="root">The state before it.</param>
    /// <param name="request">The entry; its objects become part of the state.</param>
    /// <param name="changes">What it changed, in order; empty if it had no effect.</param>
    /// <param name="error">Why it had no effect; null if it had.</param>
    /// <returns>The state after it; the same as before if it had no effect.</returns>
    public static StoreRoot Apply(StoreRoot root, InternalRaftRequest request, out List<StoreChange> changes, out string? error)
    {
        var editor = new RootEditor(root);
        changes = new(request.Action.Count);
        try
        {
            foreach (StoreAction action in request.Action)
            {
                StoreChange change = Check(editor.Current, action);
                editor.Put(change.Old, change.New);
                changes.Add(change);
            }
        }
        catch (SwarmException e)
        {
            error = e.Message;
            changes = [];
            return root;
        }

        error = null;
        return editor.Freeze();
    }

    private static StoreChange Check(StoreRoot root, StoreAction action)
    {
        IStoreObject target = SpecSharing.Share(root, EntryActions.Target(action));
        switch (action.Action)
        {
            case StoreActionKind.StoreActionCreate:
                StoreRules.CheckCreate(root, target);
                return new(ChangeAction.Create, null, target);
            case StoreActionKind.StoreActionUpdate:
                return new(ChangeAction.Update, StoreRules.CheckUpdate(root, target), target);
            case StoreActionKind.StoreActionRemove:
                return new(ChangeAction.Remove, StoreRules.Stored(root, target.Kind, target.Id), null);
            default:
                throw new SwarmException(SwarmErrorCode.InvalidArgument, $"unknown store action {(int)action.Action}");
        }
    }
}
