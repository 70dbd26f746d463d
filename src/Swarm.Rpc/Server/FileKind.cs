// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Rpc.Server;

/// <summary>What a path names, links not followed.</summary>
internal enum FileKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A unix socket.</summary>
    Socket,

    /// <summary>A symbolic link, wherever it leads.</summary>
    Link,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>A character or block device.</summary>
    Device,
}
