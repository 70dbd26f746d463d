// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Api.Ext;
using static Swarm.Runtime.Process.Tests.ExecutorFixture;

namespace Swarm.Runtime.Process.Tests;

public sealed class UserAndSecretTests : IAsyncDisposable
{
    private readonly ExecutorFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Start_AsAnotherUser_HasNothingOfRootLeft()
    {
        ProcessSpec spec = Shell(
            "grep -E '^(Uid|Gid|Groups|CapPrm|CapEff):' /proc/$$/status | tr -s '\\t ' ' '; "
            + "echo $USER $HOME; echo to stderr > /dev/stderr; touch mine");
        spec.User = "nobody";
        if (!LibC.IsRoot)
        {
            var error = await Assert.ThrowsAsync<TaskControllerException>(() => _fixture.Controller(spec).PrepareAsync());
            Assert.Equal("cannot run as user nobody: the agent of this node does not run as root", error.Message);
            return;
        }

        UserAccount nobody = UserAccount.Find("nobody");
        string[] lines = await _fixture.OutputAsync(spec);
        Assert.Contains($"Uid: {nobody.Uid} {nobody.Uid} {nobody.Uid} {nobody.Uid}", lines);
        Assert.Contains($"Gid: {nobody.Gid} {nobody.Gid} {nobody.Gid} {nobody.Gid}", lines);
        Assert.Contains($"Groups: {string.Join(' ', nobody.Groups)}", lines.Select(static line => line.TrimEnd()));
        Assert.Contains("CapPrm: 0000000000000000", lines);
        Assert.Contains("CapEff: 0000000000000000", lines);
        Assert.Contains($"nobody {nobody.Home}", lines);
        Assert.Contains("to stderr", lines);
        string mine = Path.Combine(_fixture.TasksDirectory, "t1", "work", "mine");
        Assert.Equal((nobody.Uid, nobody.Gid), LibC.OwnerOf(mine, follow: false));

        // This process is root as before, and so is the next task.
        Assert.Contains("Uid:\t0\t0\t0\t0", File.ReadAllText("/proc/self/status"));
        Assert.Equal(["0"], await _fixture.OutputAsync(Shell("id -u"), "t2"));
    }

    [Fact]
    public async Task Prepare_DirectoriesClosedToTheUser_AreRefusedByName()
    {
        string closed = Path.Combine(_fixture.Options.StateDirectory, "closed");
        Directory.CreateDirectory(Path.Combine(closed, "in"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ProcessSpec spec = Shell("pwd");
        spec.User = "nobody";
        spec.Dir = Path.Combine(closed, "in");
        var error = await Assert.ThrowsAsync<TaskControllerException>(() => _fixture.Controller(spec).PrepareAsync());
        if (!LibC.IsRoot)
        {
            Assert.Equal("cannot run as user nobody: the agent of this node does not run as root", error.Message);
            return;
        }

        Assert.Equal($"user nobody cannot get to {closed}/in: {closed}/in is closed to it", error.Message);
        File.SetUnixFileMode(_fixture.Options.StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        spec.Dir = "";
        error = await Assert.ThrowsAsync<TaskControllerException>(() => _fixture.Controller(spec).PrepareAsync());
        Assert.EndsWith($"{_fixture.Options.StateDirectory} is closed to it", error.Message);
    }

    [Fact]
    public void Lock_OfTheStateDirectory_IsNotForOthersToOpen() => Assert.Equal(
        UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_fixture.Options.StateDirectory, "lock")));

    [Fact]
    public void Find_UserAndGroup_AreReadInEachForm()
    {
        Assert.Equal((0u, 0u), (UserAccount.Find("root").Uid, UserAccount.Find("root").Gid));
        Assert.Equal("root", UserAccount.Find("0").Name);
        Assert.Equal((0u, 12345u), (UserAccount.Find("root:12345").Uid, UserAccount.Find("root:12345").Gid));
        UserAccount unnamed = UserAccount.Find("54321:54322");
        Assert.Equal((54321u, 54322u, "/"), (unnamed.Uid, unnamed.Gid, unnamed.Home));
        Assert.Equal([54322u], unnamed.Groups);
    }

    [Fact]
    public async Task Prepare_SecretsAndConfigs_AreReadOnlyFilesOfTheTasksUser()
    {
        ProcessSpec spec = Shell(
            "cat $SWARM_SECRETS_DIR/password; echo; cat $SWARM_CONFIGS_DIR/app.json; echo; "
            + "stat -c '%a %U' $SWARM_SECRETS_DIR $SWARM_SECRETS_DIR/*");
        string user = LibC.IsRoot ? "nobody" : Environment.UserName;
        spec.User = LibC.IsRoot ? user : "";
        Api.Task task = _fixture.Task(spec);
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "id1", ResourceType = ResourceType.Secret });
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "id2", ResourceType = ResourceType.Config });
        ITaskController controller = _fixture.Executor.CreateController(task, new Dependencies("password"));
        await controller.PrepareAsync();
        string directory = _fixture.Record().DependencyDirectory;
        await controller.StartAsync();
        await WaitAsync(controller);
        Assert.Equal(["hush", "{}", $"500 {user}", $"400 {user}"], await LogsAsync(controller));

        // A task runs once: its secrets are of no use from here on, though the task itself may be kept for long.
        Assert.False(Directory.Exists(directory));
        await controller.RemoveAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.TasksDirectory));
    }

    [Fact]
    public async Task Prepare_SecretNotOnTheNode_IsTemporaryAndLeavesNothing()
    {
        Api.Task task = _fixture.Task(Shell("exit 0"));
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "absent", ResourceType = ResourceType.Secret });
        ITaskController controller = _fixture.Executor.CreateController(task, new Dependencies("password"));
        var error = await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync());
        Assert.Equal((TaskControllerErrorKind.Temporary, "secret absent has not arrived on this node"), (error.Kind, error.Message));
        Assert.Empty(Directory.GetFileSystemEntries(_fixture.TasksDirectory));
    }

    [Theory]
    [InlineData("../../etc/cron.d/x")]
    [InlineData("..")]
    public async Task Prepare_SecretWhoseNameIsNoFileName_IsRefused(string name)
    {
        Api.Task task = _fixture.Task(Shell("exit 0"));
        task.Spec.ResourceReferences.Add(new ResourceReference { ResourceId = "id1", ResourceType = ResourceType.Secret });
        ITaskController controller = _fixture.Executor.CreateController(task, new Dependencies(name));
        var error = await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync());
        Assert.Equal($"a secret or config cannot be put into a file named '{name}'", error.Message);
    }

    private sealed class Dependencies(string secretName) : ITaskDependencies
    {
        public Secret? GetSecret(string id) => id != "id1" ? null : new Secret
        {
            Id = id, Spec = new SecretSpec { Annotations = new Annotations { Name = secretName }, Data = ByteString.CopyFromUtf8("hush") },
        };

        public Config? GetConfig(string id) => id != "id2" ? null : new Config
        {
            Id = id, Spec = new ConfigSpec { Annotations = new Annotations { Name = "app.json" }, Data = ByteString.CopyFromUtf8("{}") },
        };
    }
}
