// SPDX-License-Identifier: Apache-2.0
using Swarm.Security;

namespace Swarm.Hosting.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class NodeStateDirectoryTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("swarm-state-test-").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Directory_OfANewNode_LetsOthersPassThroughButNotLook()
    {
        using var state = new NodeStateDirectory(Path.Combine(_parent, "node"), new OperatingSystemCertificateIssuer());

        // Tasks that run as another user have their own directories below.
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute,
            File.GetUnixFileMode(state.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(state.File("lock")));
    }
}
