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

    [Fact]
    public void Directory_MadeForAStartThatWasRefused_IsGoneAgain()
    {
        string path = Path.Combine(_parent, "refused");
        var state = new NodeStateDirectory(path, new OperatingSystemCertificateIssuer());
        Directory.CreateDirectory(state.File("process/tasks"));
        File.WriteAllBytes(state.File("process/lock"), []);

        state.Dispose();
        state.Dispose();

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void Directory_InWhichSomethingIsKept_OrThatWasThereBefore_Stays()
    {
        string kept = Path.Combine(_parent, "kept");
        using (var state = new NodeStateDirectory(kept, new OperatingSystemCertificateIssuer()))
        {
            state.SaveManagers(["127.0.0.1:4242"]);
        }

        string before = Directory.CreateDirectory(Path.Combine(_parent, "before")).FullName;
        new NodeStateDirectory(before, new OperatingSystemCertificateIssuer()).Dispose();

        Assert.True(File.Exists(Path.Combine(kept, "managers")));
        Assert.True(Directory.Exists(before));
    }
}
