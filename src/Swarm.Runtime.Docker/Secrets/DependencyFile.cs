// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;

namespace Swarm.Runtime.Docker.Secrets;

/// <summary>A secret or config, as a file on the host that a container sees at its target. A class, not a record: its text form must not
/// show the data.</summary>
internal sealed class DependencyFile(string hostPath, string target, ByteString data, uint user, uint group, UnixFileMode mode)
{
    /// <summary>Where it is on the host.</summary>
    public string HostPath => hostPath;

    /// <summary>Where the container sees it.</summary>
    public string Target => target;

    public ByteString Data => data;

    /// <summary>Number of the user it belongs to, inside and outside.</summary>
    public uint User => user;

    /// <summary>Number of the group it belongs to.</summary>
    public uint Group => group;

    public UnixFileMode Mode => mode;

    public override string ToString() => target;
}
