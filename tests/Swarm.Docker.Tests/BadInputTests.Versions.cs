// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using ContainerInspectResponse = Docker.DotNet.Models.ContainerInspectResponse;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Docker.Tests;

/// <content>Engines that are older than what is asked for, or elsewhere.</content>
public sealed partial class BadInputTests
{
    private static readonly Dictionary<string, Action<ContainerSpec>> _needs = new()
    {
        ["init"] = static c => c.Init = true,
        ["volume-labels"] = static c => c.Mounts.Add(Volume(new() { Labels = { ["a"] = "b" } })),
        ["volume-driver"] = static c => c.Mounts.Add(Volume(new() { DriverConfig = new Api.Driver { Name = "local" } })),
        ["start-period"] = static c => c.Healthcheck = new HealthConfig { Test = { "CMD", "true" }, StartPeriod = Seconds(1) },
        ["non-recursive"] = static c => c.Mounts.Add(Bind(new() { Nonrecursive = true })),
        ["make-source"] = static c => c.Mounts.Add(Bind(new() { Createmountpoint = true })),
        ["start-interval"] = static c => c.Healthcheck = new HealthConfig { Test = { "CMD", "true" }, StartInterval = Seconds(1) },
        ["volume-path"] = static c => c.Mounts.Add(Volume(new() { Subpath = "inner" })),
        ["memory-options"] = static c => c.Mounts.Add(
            new Api.Mount { Type = MountType.Tmpfs, Target = "/data", TmpfsOptions = new() { Options = "[[\"noexec\"]]" } }),
    };

    [Theory]
    [InlineData("init", BadInputCluster.Oldest, "1.24", "1.25")]
    [InlineData("volume-labels", BadInputCluster.Oldest, "1.24", "1.25")]
    [InlineData("volume-driver", BadInputCluster.Oldest, "1.24", "1.25")]
    [InlineData("start-period", BadInputCluster.Oldest, "1.24", "1.29")]
    [InlineData("non-recursive", BadInputCluster.Middle, "1.39", "1.40")]
    [InlineData("make-source", BadInputCluster.Middle, "1.39", "1.42")]
    [InlineData("start-interval", BadInputCluster.Present, "1.41", "1.44")]
    [InlineData("volume-path", BadInputCluster.Present, "1.41", "1.45")]
    [InlineData("memory-options", BadInputCluster.Present, "1.41", "1.46")]
    public async Task Task_NeedsANewerEngine_ReasonNamesTheVersion(string name, string node, string has, string needed)
    {
        await on.Client.Services.CreateAsync(BadInputCluster.Spec(name, node, _needs[name]), Cancel);

        await on.FailsAsync(name, TaskState.Rejected, $"needs Docker Engine API {needed} or newer", $"spoken to with {has}");
    }

    [Fact]
    public async Task Task_EngineDoesNotSpeakTheVersionAskedFor_ReasonNamesThoseItSpeaks()
    {
        await on.Client.Services.CreateAsync(BadInputCluster.Spec("refused", BadInputCluster.Refused), Cancel);

        await on.FailsAsync("refused", TaskState.Rejected, "Docker Engine", "1.12 to 1.4", "1.99 is asked for");
    }

    [Fact]
    public async Task Task_AllThatApi124Has_RunsWithIt()
    {
        Secret secret = await on.Client.Secrets.CreateAsync(SecretOf("old-secret", "very secret"), Cancel);
        string shared = Path.Combine(on.Engine.Root, "shared");
        Directory.CreateDirectory(shared);
        File.WriteAllText(Path.Combine(shared, "file"), "from the host");
        const string Check =
            """
            set -e
            [ "$(cat /bind/file)" = "from the host" ]; ! touch /bind/new 2>/dev/null; touch /volume/new
            grep -q ' /memory tmpfs .*size=1024k' /proc/mounts
            [ "$(cat /run/secrets/old-secret)" = "very secret" ]; [ "$WORD" = value ]; [ "$PWD" = /tmp ]; [ "$(hostname)" = old-host ]
            exec idle
            """;
        ServiceSpec spec = BadInputCluster.Spec("oldest", BadInputCluster.Oldest, c =>
        {
            c.Command.Add(["sh", "-c"]);
            c.Args.Add(Check);
            c.Env.Add("WORD=value");
            c.Dir = "/tmp";
            c.Hostname = "old-host";
            c.Mounts.Add(new Api.Mount { Type = MountType.Bind, Source = shared, Target = "/bind", Readonly = true });
            c.Mounts.Add(new Api.Mount { Type = MountType.Volume, Source = "old-volume", Target = "/volume" });
            c.Mounts.Add(new Api.Mount { Type = MountType.Tmpfs, Target = "/memory", TmpfsOptions = new() { SizeBytes = 1 << 20 } });
            c.Secrets.Add(SecretIn(secret));
            c.Healthcheck = new HealthConfig { Test = { "CMD", "test", "-e", "/volume/new" }, Interval = Seconds(1), Retries = 5 };
        });
        spec.Task.Resources = new() { Limits = new() { MemoryBytes = 64 << 20, NanoCpus = 500_000_000 } };
        spec.Task.LogDriver = new Api.Driver { Name = "json-file", Options = { ["max-size"] = "1m" } };
        await on.Client.Services.CreateAsync(spec, Cancel);

        Api.Task task = await on.UntilRunsAsync("oldest");

        ContainerInspectResponse container = await on.Others.Containers.InspectContainerAsync(task.Status.Container.ContainerId, Cancel);
        Assert.True(container.State!.Running);
        Assert.Equal("healthy", container.State.Health?.Status);
        Assert.Equal((64L << 20, 100_000, 50_000), (container.HostConfig!.Memory, container.HostConfig.CPUPeriod, container.HostConfig.CPUQuota));
        Assert.Equal("1m", container.HostConfig.LogConfig!.Config!["max-size"]);
        await on.SucceedAsync("service", "rm", "oldest");
    }

    [Fact]
    public async Task Task_SecretOnAnEngineElsewhere_IsRefusedAndTasksWithoutOnesRun()
    {
        Secret secret = await on.Client.Secrets.CreateAsync(SecretOf("far-secret", "very secret"), Cancel);
        await on.Client.Services.CreateAsync(BadInputCluster.Spec("far", BadInputCluster.Remote), Cancel);
        await on.Client.Services.CreateAsync(BadInputCluster.Spec("far-secret", BadInputCluster.Remote, c => c.Secrets.Add(SecretIn(secret))), Cancel);

        string reason = await on.FailsAsync("far-secret", TaskState.Rejected, "secret far-secret", "another host");
        Assert.DoesNotContain("very secret", reason, StringComparison.Ordinal);
        await on.UntilRunsAsync("far");
        await on.SucceedAsync("service", "rm", "far");
    }

    private static SecretSpec SecretOf(string name, string text) =>
        new() { Annotations = new Annotations { Name = name }, Data = ByteString.CopyFromUtf8(text) };

    private static SecretReference SecretIn(Secret secret) => new()
    {
        SecretId = secret.Id, SecretName = secret.Spec.Annotations.Name,
        File = new FileTarget { Name = secret.Spec.Annotations.Name, Uid = "0", Gid = "0", Mode = 0x124 },
    };

    private static Duration Seconds(int count) => Duration.FromTimeSpan(TimeSpan.FromSeconds(count));

    private static Api.Mount Volume(Api.Mount.Types.VolumeOptions options) =>
        new() { Type = MountType.Volume, Source = "some", Target = "/data", VolumeOptions = options };

    private static Api.Mount Bind(Api.Mount.Types.BindOptions options) =>
        new() { Type = MountType.Bind, Source = "/tmp", Target = "/data", BindOptions = options };
}
