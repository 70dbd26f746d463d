// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;

namespace Swarm.Runtime.Process;

/// <summary>A user of the system that tasks can run as.</summary>
/// <param name="Name">The name, or the uid of a user without one.</param>
/// <param name="Uid">The user id.</param>
/// <param name="Gid">The group id.</param>
/// <param name="Groups">All groups.</param>
/// <param name="Home">The home directory; "/" when none is known.</param>
internal sealed record UserAccount(string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home)
{
    private const int BufferBytes = 64 * 1024;
    private const int GroupsMax = 1024;

    /// <summary>Looks up "user", "uid", "user:group" or "uid:gid".</summary>
    /// <exception cref="TaskControllerException">There is no such user or group; says which.</exception>
    public static UserAccount Find(string text)
    {
        int colon = text.IndexOf(':');
        string user = colon < 0 ? text : text[..colon];
        string? group = colon < 0 ? null : text[(colon + 1)..];
        bool isNumber = uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out uint uid);
        UserAccount? known = LookUp(user, isNumber ? uid : null);
        if (known is null && !isNumber)
        {
            throw new TaskControllerException($"unknown user: {user}");
        }

        if (group is not null)
        {
            uint gid = FindGroup(group);
            return known is null ? new UserAccount(user, uid, gid, [gid], "/") : known with { Gid = gid, Groups = [gid, .. known.Groups] };
        }

        return known ?? throw new TaskControllerException(
            $"unknown user: {user} (a uid without an entry needs a group too, as {user}:GID)");
    }

    private static unsafe UserAccount? LookUp(string name, uint? uid)
    {
        byte[] buffer = new byte[BufferBytes];
        fixed (byte* memory = buffer)
        {
            LibC.Passwd entry;
            _ = uid is { } id
                ? LibC.getpwuid_r(id, &entry, memory, BufferBytes, out LibC.Passwd* found)
                : LibC.getpwnam_r(name, &entry, memory, BufferBytes, out found);
            if (found == null)
            {
                return null;
            }

            string realName = Marshal.PtrToStringUTF8((nint)found->Name) ?? name;
            string home = Marshal.PtrToStringUTF8((nint)found->Home) is { Length: > 0 } path ? path : "/";
            uint[] groups = new uint[GroupsMax];
            int count = GroupsMax;
            fixed (uint* list = groups)
            {
                if (LibC.getgrouplist(realName, found->Gid, list, &count) < 0)
                {
                    throw new TaskControllerException($"user {realName} is in more than {GroupsMax} groups");
                }
            }

            return new UserAccount(realName, found->Uid, found->Gid, groups[..count], home);
        }
    }

    private static unsafe uint FindGroup(string group)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint gid))
        {
            return gid;
        }

        byte[] buffer = new byte[BufferBytes];
        fixed (byte* memory = buffer)
        {
            LibC.GroupEntry entry;
            _ = LibC.getgrnam_r(group, &entry, memory, BufferBytes, out LibC.GroupEntry* found);
            return found != null ? found->Gid : throw new TaskControllerException($"unknown group: {group}");
        }
    }
}
