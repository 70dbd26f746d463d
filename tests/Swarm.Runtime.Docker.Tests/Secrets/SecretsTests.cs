// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
#pragma warning disable CA1416 // Modes of files: the lane of these tests is Linux.
using Google.Protobuf;
using Swarm.Api;
using Swarm.Runtime.Docker.Containers;
using Swarm.Runtime.Docker.Secrets;
using Swarm.Runtime.Docker.Tests.Containers;

namespace Swarm.Runtime.Docker.Tests.Secrets;

public class SecretsTests
{
    [Theory]
    [InlineData("1.47")]
    [InlineData("1.24")]
    public void Plan_SecretsAndConfigs_AreFilesThatCannotBeWritten(string engine)
    {
        ContainerPlan plan = Tasks.Plan(WithFiles("key", "/etc/own"), engine);
        Assert.Equal(["/run/secrets/key", "/etc/own"], plan.Files.Select(static file => file.Target));
        Assert.Equal(["/run/of-the-node/taskid/0", "/run/of-the-node/taskid/1"], plan.Files.Select(static file => file.HostPath));
        Assert.Equal((7u, 8u, UnixFileMode.UserRead), (plan.Files[0].User, plan.Files[0].Group, plan.Files[0].Mode));
        Assert.Equal(
            ["/run/of-the-node/taskid/0:/run/secrets/key:ro", "/run/of-the-node/taskid/1:/etc/own:ro"],
            plan.Create.HostConfig.Binds
                ?? [.. plan.Create.HostConfig.Mounts.Select(static m => $"{m.Source}:{m.Target}:{(m.ReadOnly == true ? "ro" : "")}")]);
    }

    [Fact]
    public void Plan_EngineElsewhere_IsRefusedWithTheReason() =>
        Assert.Contains("the engine is on another host", Tasks.Refusal(WithFiles("a", "b"), directory: null).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a//b")]
    [InlineData("/")]
    [InlineData("/a/")]
    public void Plan_BadTarget_IsRefused(string target) =>
        Assert.Contains("secret s: its target", Tasks.Refusal(WithFiles(target, "b")).Message, StringComparison.Ordinal);

    [Fact]
    public void Plan_SecretThatHasNotArrived_IsTriedAgain() =>
        Assert.Equal(TaskControllerErrorKind.Temporary, Tasks.Refusal(Tasks.Of(static s => s.Secrets.Add(
            new SecretReference { SecretId = "none", SecretName = "s", File = new FileTarget { Name = "x" } }))).Kind);

    [Fact]
    public void Plan_TemplatedConfig_SeesTheTaskAndKeepsOtherBytes()
    {
        byte[] data = [0xff, .. """{{.Task.Slot}} {{env "A"}} {{.Service.Labels.tier}}"""u8, 0xfe];
        Api.Task task = WithFiles("key", "conf");
        task.Spec.Container.Env.Add("A=é");
        task.ServiceAnnotations.Labels["tier"] = "Ω";
        ContainerPlan plan = Tasks.Plan(
            task, dependencies: new Tasks.Dependencies { Templating = "golang", Data = ByteString.CopyFrom(data) });
        Assert.Equal([0xff, .. "3 é Ω"u8, 0xfe], plan.Files[1].Data.ToByteArray());
    }

    [Fact]
    public void Write_ThenDeleteAndSweep_LeavesNothing()
    {
        string root = Path.Combine(Path.GetTempPath(), "swarm-" + Path.GetRandomFileName());
        try
        {
            DependencyFile[] files = [new(Path.Combine(root, "t1", "0"), "/x", ByteString.CopyFromUtf8("one"), 0, 0, UnixFileMode.UserRead)];
            SecretsFiles.Write(root, "t1", files);
            SecretsFiles.Write(root, "t1", files);
            SecretsFiles.Write(root, "t2", [new(Path.Combine(root, "t2", "0"), "/x", ByteString.Empty, 0, 0, UnixFileMode.UserRead)]);
            Assert.Equal("one", File.ReadAllText(files[0].HostPath));
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(files[0].HostPath));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(root));
            SecretsFiles.Sweep(root, static id => id == "t2");
            Assert.Equal([Path.Combine(root, "t2")], Directory.GetDirectories(root));
            SecretsFiles.Delete(root, "t2");
            SecretsFiles.Delete(root, "t2");
            SecretsFiles.Sweep(root, static _ => false);
            Assert.False(Directory.Exists(root));
        }
        finally
        {
            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }
        }
    }

    [Fact]
    public void Write_IntoADirectoryOthersMayWrite_IsRefused()
    {
        string root = Directory.CreateTempSubdirectory("swarm-").FullName;
        try
        {
            File.SetUnixFileMode(root, (UnixFileMode)0x1ff);
            Assert.Throws<TaskControllerException>(() => SecretsFiles.Write(
                root, "t", [new(Path.Combine(root, "t", "0"), "/x", ByteString.Empty, 0, 0, UnixFileMode.UserRead)]));
            Assert.Empty(Directory.GetFileSystemEntries(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void Write_OneFileCannotBeWritten_LeavesNoneAndSaysWhy()
    {
        string root = Path.Combine(Path.GetTempPath(), "swarm-" + Path.GetRandomFileName());
        try
        {
            TaskControllerException error = Assert.Throws<TaskControllerException>(() => SecretsFiles.Write(
                root, "t",
                [
                    new(Path.Combine(root, "t", "0"), "/x", ByteString.CopyFromUtf8("one"), 0, 0, UnixFileMode.UserRead),
                    new(Path.Combine(root, "t", "none", "1"), "/y", ByteString.Empty, 0, 0, UnixFileMode.UserRead),
                ]));
            Assert.StartsWith($"the secrets and configs of task t cannot be written to {root}: ", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void Write_DirectoryCannotBeMade_SaysWhy()
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.Contains("cannot be written to", Assert.Throws<TaskControllerException>(() => SecretsFiles.Write(
                Path.Combine(file, "root"), "t", [new("/x", "/x", ByteString.Empty, 0, 0, UnixFileMode.UserRead)])).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void FindMemory_GivesAPlaceOfThisNode()
    {
        if (SecretsFiles.FindMemory("node1") is { } place)
        {
            Assert.EndsWith("-node1", place, StringComparison.Ordinal);
            Assert.False(Directory.Exists(place));
        }
    }

    private static Api.Task WithFiles(string secret, string config) => Tasks.Of(s =>
    {
        s.Secrets.Add(new SecretReference
        {
            SecretId = "sid", SecretName = "s", File = new FileTarget { Name = secret, Uid = "7", Gid = "8", Mode = 0x100 },
        });
        s.Configs.Add(new ConfigReference { ConfigId = "cid", ConfigName = "c", File = new FileTarget { Name = config, Mode = 0x124 } });
    });
}
