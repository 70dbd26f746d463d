// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Docker.Containers;

/// <summary>File modes as Go counts them: the permissions where Unix has them, setuid, setgid and sticky at bits 23, 22 and 20.</summary>
internal static class GoFileMode
{
    private const uint Permissions = 0x1ff;
    private const int SetUser = 23;
    private const int SetGroup = 22;
    private const int Sticky = 20;

    /// <summary>The same as Unix counts it; what is no permission is left out.</summary>
    public static UnixFileMode ToUnix(uint mode) =>
        (UnixFileMode)(mode & Permissions)
        | ((mode >> SetUser & 1) != 0 ? UnixFileMode.SetUser : 0)
        | ((mode >> SetGroup & 1) != 0 ? UnixFileMode.SetGroup : 0)
        | ((mode >> Sticky & 1) != 0 ? UnixFileMode.StickyBit : 0);
}
