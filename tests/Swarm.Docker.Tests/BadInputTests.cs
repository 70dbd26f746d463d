// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using Swarm.Api;
using Swarm.Docker.Testing;
using MountType = Swarm.Api.Mount.Types.Type;
using ContainerInspectResponse = Docker.DotNet.Models.ContainerInspectResponse;
using ImageTagParameters = Docker.DotNet.Models.ImageTagParameters;

namespace Swarm.Docker.Tests;

/// <summary>What people ask for that cannot be had, and what the cluster tells them of it: on a real engine, as swarmctl prints it.</summary>
public sealed partial class BadInputTests(BadInputCluster on) : IClassFixture<BadInputCluster>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, TaskState, string[], string[]> Wrong => new()
    {
        { "registry-absent", TaskState.Rejected, ["--image", "127.0.0.1:5004/app:1"], ["127.0.0.1:5004/app:1", "connection refused"] },
        { "registry-unreachable", TaskState.Rejected, ["--image", "no-such-image:7"], ["image no-such-image:7 is not on this node", "registry"] },
        { "image-unknown", TaskState.Rejected, ["--image", "127.0.0.1:5001/nothing:1"], ["127.0.0.1:5001/nothing:1", "manifest unknown"] },
        { "image-denied", TaskState.Rejected, ["--image", "127.0.0.1:5001/denied/app:1"], ["127.0.0.1:5001/denied/app:1", "denied"] },
        { "image-broken", TaskState.Rejected, ["--image", "127.0.0.1:5001/broken/app:1"], ["127.0.0.1:5001/broken/app:1", "verification failed"] },
        { "digest-unknown", TaskState.Rejected, ["--image", "127.0.0.1:5001/app@sha256:" + Zeros], ["127.0.0.1:5001/app@sha256:000", "manifest unknown"] },
        { "no-credentials", TaskState.Rejected, ["--image", "127.0.0.1:5002/app:2"], ["127.0.0.1:5002/app:2", "no basic auth credentials"] },
        { "bind-missing", TaskState.Rejected, ["--bind", "/no/such/place:/data"], ["/no/such/place", "does not exist"] },
        { "bind-relative", TaskState.Rejected, ["--bind", "here:/data"], ["/data", "absolute path", "'here'"] },
        { "volume-name", TaskState.Rejected, ["--volume", "in valid:/data"], ["in valid"] },
        { "memory-small", TaskState.Rejected, ["--memory-limit", "5m"], ["emory limit", "6MB"] },
        { "cpu-large", TaskState.Rejected, ["--cpu-limit", "1000"], ["CPUs"] },
        { "log-driver", TaskState.Pending, ["--log-driver", "nowhere"], ["log driver", "nowhere"] },
        { "log-option", TaskState.Rejected, ["--log-driver", "json-file", "--log-opt", "colour=red"], ["colour"] },
        { "command", TaskState.Failed, ["--command", "no-such-program"], ["no-such-program", "not found"] },
        { "directory-as-command", TaskState.Failed, ["--command", "/etc"], ["/etc", "permission denied"] },
        { "user", TaskState.Failed, ["--user", "nosuchuser"], ["nosuchuser"] },
        { "capability", TaskState.Rejected, ["--add-capability", "CAP_FLY"], ["CAP_FLY"] },
        { "ulimit", TaskState.Failed, ["--ulimit", "nofile=10:5"], ["rlimit", "invalid argument"] },
    };

    private static string Zeros { get; } = new('0', 64);

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Task_AsksForWhatCannotBeHad_ReasonIsShown(string name, TaskState state, string[] flags, string[] words)
    {
        string[] image = flags.Contains("--image") ? [] : ["--image", PrivateEngine.Image];
        await on.SucceedAsync(
            ["service", "create", "--name", name, "--constraint", $"node.hostname=={BadInputCluster.Present}",
                "--restart-condition", "none", .. image, .. flags]);

        await on.FailsAsync(name, state, words);
    }

    [Theory]
    [InlineData("App:1")]
    [InlineData("127.0.0.1:5001/app:")]
    [InlineData("app@sha256:12")]
    [InlineData("http://127.0.0.1:5001/app")]
    [InlineData("app:tag with blanks")]
    public async Task Service_ImageReferenceIsNone_IsRefusedAtOnce(string image)
    {
        (int exit, _, string error) = await on.CtlAsync("service", "create", "--name", "reference", "--image", image);

        Assert.NotEqual(0, exit);
        Assert.Contains(image, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Service_LessMemoryThanAnyContainerNeeds_IsRefusedAtOnce()
    {
        (int exit, _, string error) = await on.CtlAsync(
            "service", "create", "--name", "tiny", "--image", PrivateEngine.Image, "--memory-limit", "1m");

        Assert.NotEqual(0, exit);
        Assert.Contains("4MiB", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_WrongPassword_ReasonIsShownAndThePasswordIsNot()
    {
        await on.Client.Services.CreateAsync(WithCredentials("wrong-password", "not-the-password", "2"), Cancel);

        string reason = await on.FailsAsync("wrong-password", TaskState.Rejected, $"{on.Locked.Address}/app:2", "unauthorized");
        Assert.DoesNotContain("not-the-password", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_CredentialsAreNoJson_ReasonIsShownAndTheyAreNot()
    {
        ServiceSpec spec = BadInputCluster.Spec("bad-credentials", BadInputCluster.Present, c =>
        {
            c.Image = $"{on.Locked.Address}/app:1";
            c.PullOptions = new() { RegistryAuth = "hunter2" };
        });
        await on.Client.Services.CreateAsync(spec, Cancel);

        string reason = await on.FailsAsync("bad-credentials", TaskState.Rejected, "credentials");
        Assert.DoesNotContain("hunter2", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_RightPassword_ImageIsPulledAndRuns()
    {
        await on.Client.Services.CreateAsync(WithCredentials("right-password", BadInputRegistry.Password, "1"), Cancel);

        Api.Task task = await on.UntilRunsAsync("right-password");

        ContainerInspectResponse container = await on.Others.Containers.InspectContainerAsync(task.Status.Container.ContainerId, Cancel);
        Assert.True(container.State!.Running);
        Assert.Equal($"{on.Locked.Address}/app:1", container.Config!.Image);
        await on.SucceedAsync("service", "rm", "right-password");
    }

    [Fact]
    public async Task Task_RegistryHangsAndImageIsOnTheNode_RunsWithinSeconds()
    {
        await on.Others.Images.TagImageAsync(
            PrivateEngine.Image, new ImageTagParameters { RepositoryName = $"{BadInputCluster.Hanging}/here", Tag = "1" }, Cancel);
        var watch = Stopwatch.StartNew();
        await on.Client.Services.CreateAsync(
            BadInputCluster.Spec("hangs-here", BadInputCluster.Present, c => c.Image = $"{BadInputCluster.Hanging}/here:1"), Cancel);

        await on.UntilRunsAsync("hangs-here");

        Assert.InRange(watch.Elapsed.TotalSeconds, 0.5, 5);
        await on.SucceedAsync("service", "rm", "hangs-here");
    }

    [Fact]
    public async Task Task_RegistryHangsAndImageIsNowhere_ReasonIsShown()
    {
        await on.Client.Services.CreateAsync(
            BadInputCluster.Spec("hangs-nowhere", BadInputCluster.Present, c => c.Image = $"{BadInputCluster.Hanging}/nowhere:1"), Cancel);

        await on.FailsAsync("hangs-nowhere", TaskState.Rejected, $"{BadInputCluster.Hanging}/nowhere:1", "no answer");
    }

    [Fact]
    public async Task Task_VolumeDriverDoesNotExist_ReasonIsShown()
    {
        var mount = new Api.Mount
        {
            Type = MountType.Volume, Source = "some", Target = "/data",
            VolumeOptions = new() { DriverConfig = new Api.Driver { Name = "nosuchdriver" } },
        };
        await on.Client.Services.CreateAsync(BadInputCluster.Spec("volume-driver", BadInputCluster.Present, c => c.Mounts.Add(mount)), Cancel);

        await on.FailsAsync("volume-driver", TaskState.Pending, "no suitable node", "volume driver nosuchdriver");
    }

    [Fact]
    public async Task Task_VolumeCannotBeMounted_ReasonIsShown()
    {
        var options = new Api.Driver { Name = "local", Options = { ["type"] = "nosuchfs", ["device"] = "/dev/nothing", ["o"] = "ro" } };
        var mount = new Api.Mount { Type = MountType.Volume, Source = "bad", Target = "/data", VolumeOptions = new() { DriverConfig = options } };
        await on.Client.Services.CreateAsync(BadInputCluster.Spec("volume-mount", BadInputCluster.Present, c => c.Mounts.Add(mount)), Cancel);

        await on.FailsAsync("volume-mount", TaskState.Failed, "bad", "mount");
    }

    [Fact]
    public async Task Service_FailsAgainAndAgain_LastErrorIsShownWithoutAskingForAllTasks()
    {
        await on.SucceedAsync(
            "service", "create", "--name", "again", "--image", $"{BadInputCluster.Absent}/app:1", "--restart-delay", "200ms",
            "--constraint", $"node.hostname=={BadInputCluster.Present}");
        Api.Task first = await on.UntilTaskAsync("again", "a task fails", static t => t.Status.Err.Length > 0);
        await on.UntilTaskAsync("again", "another fails", t => t.Id != first.Id && t.Status.Err.Length > 0);

        string whole = await on.SucceedAsync("service", "inspect", "again");
        string listed = await on.SucceedAsync("task", "ls");
        await on.SucceedAsync("service", "rm", "again");

        Assert.Contains("connection refused", whole, StringComparison.Ordinal);
        Assert.Contains("connection refused", listed.Split('\n').Single(l => l.Contains(" again.1 ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_RegistryComesBack_TheNextTaskRuns()
    {
        const int port = 5005;
        await on.SucceedAsync(
            "service", "create", "--name", "heals", "--image", $"127.0.0.1:{port}/app:1", "--restart-delay", "200ms",
            "--constraint", $"node.hostname=={BadInputCluster.Present}");
        Api.Task rejected = await on.UntilTaskAsync("heals", "a task is rejected", static t => t.Status.State == TaskState.Rejected);

        await using BadInputRegistry registry = await BadInputRegistry.StartAsync(on.Engine, port, locked: false);
        Api.Task runs = await on.UntilRunsAsync("heals");

        Assert.NotEqual(rejected.Id, runs.Id);
        Assert.Equal(rejected.Slot, runs.Slot);
        Assert.Equal(TaskState.Rejected, (await on.Client.Tasks.GetAsync(rejected.Id, Cancel)).Status.State);
        await on.SucceedAsync("service", "rm", "heals");
    }

    private ServiceSpec WithCredentials(string name, string password, string tag)
    {
        string json = $$"""{"username":"{{BadInputRegistry.User}}","password":"{{password}}","serveraddress":"{{on.Locked.Address}}"}""";
        return BadInputCluster.Spec(name, BadInputCluster.Present, c =>
        {
            c.Image = $"{on.Locked.Address}/app:{tag}";
            c.PullOptions = new() { RegistryAuth = Convert.ToBase64String(Encoding.UTF8.GetBytes(json)) };
        });
    }
}
