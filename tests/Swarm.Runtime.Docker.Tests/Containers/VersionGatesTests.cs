// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Runtime.Docker.Containers;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Runtime.Docker.Tests.Containers;

public class VersionGatesTests
{
    private static readonly Dictionary<string, Func<Api.Task>> _users = new(StringComparer.Ordinal)
    {
        ["an init process (init)"] = () => Tasks.Of(static s => s.Init = true),
        ["labels of a volume"] = () => Volume(static o => o.Labels["a"] = "b"),
        ["a volume driver of a mount"] = () => Volume(static o => o.DriverConfig = new Driver { Name = "local" }),
        ["a start period of the health check"] = () => Health(new HealthConfig { StartPeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) }),
        ["a mount of a named pipe"] = () =>
            Tasks.Of(static s => s.Mounts.Add(new Api.Mount { Type = MountType.Npipe, Source = "p", Target = "/p" })),
        ["a published port of protocol SCTP"] = () => Tasks.Of(and: static t => t.Endpoint = new Endpoint
        {
            Ports = { new PortConfig { Protocol = PortConfig.Types.Protocol.Sctp, TargetPort = 1, PublishMode = PortConfig.Types.PublishMode.Host } },
        }),
        ["a non-recursive bind"] = () => Bind(static o => o.Nonrecursive = true),
        ["a credential spec from a config"] = () => Tasks.Of(static s =>
            s.Privileges = new Privileges { CredentialSpec = new Privileges.Types.CredentialSpec { Config = "c" } }),
        ["a bind that makes its source"] = () => Bind(static o => o.Createmountpoint = true),
        ["a start interval of the health check"] = () => Health(new HealthConfig { StartInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) }),
        ["a read-only bind whose inner mounts stay writable"] = () => Bind(static o => o.Readonlynonrecursive = true),
        ["a bind that is read-only throughout"] = () => Bind(static o => o.Readonlyforcerecursive = true),
        ["more than one network"] = () => Tasks.Of(and: static t => t.Networks.AddRange(new[] { "a", "b" }.Select(static name =>
            new Api.NetworkAttachment { Network = new Network { Id = name, Spec = new NetworkSpec { Annotations = new Annotations { Name = name } } } }))),
        ["a path inside a volume"] = () => Volume(static o => o.Subpath = "x"),
        ["options of a mount of memory"] = () => Tasks.Of(static s => s.Mounts.Add(new Api.Mount
        {
            Type = MountType.Tmpfs, Target = "/t", TmpfsOptions = new Api.Mount.Types.TmpfsOptions { Options = """[["noexec"],["uid","1"]]""" },
        })),
    };

    [Fact]
    public void Plan_EachGate_RefusesTheVersionBeforeAndTakesTheFirstThatHasIt()
    {
        Assert.Equal(_users.Keys.Order(), VersionGates.All.Select(static gate => gate.Feature).Order());
        foreach (VersionGate gate in VersionGates.All)
        {
            for (int minor = 24; minor <= 52; minor++)
            {
                Api.Task task = _users[gate.Feature]();
                if (minor >= gate.Since.Minor)
                {
                    Assert.NotNull(Tasks.Plan(task, $"1.{minor}"));
                    continue;
                }

                TaskControllerException error = Tasks.Refusal(task, $"1.{minor}");
                Assert.Contains($"{gate.Feature} needs Docker Engine API {gate.Since} or newer", error.Message, StringComparison.Ordinal);
                Assert.EndsWith($"with 1.{minor}", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Plan_EngineOlderThanTheOldest_IsRefused() =>
        Assert.Contains("needs Docker Engine API 1.24", Tasks.Refusal(Tasks.Of(), "1.23").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1.9", "1.24", true)]
    [InlineData("1.24", "1.24", false)]
    [InlineData("v2.0", "1.52", false)]
    public void EngineApiVersion_IsOrderedByNumber(string a, string b, bool older) =>
        Assert.Equal(older, EngineApiVersion.Parse(a) < EngineApiVersion.Parse(b));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.x")]
    [InlineData("1.2.3")]
    [InlineData("-1.2")]
    public void EngineApiVersion_OfSomethingElse_IsRefused(string text) =>
        Assert.Throws<FormatException>(() => EngineApiVersion.Parse(text));

    private static Api.Task Health(HealthConfig health) => Tasks.Of(spec => spec.Healthcheck = health);

    private static Api.Task Bind(Action<Api.Mount.Types.BindOptions> with)
    {
        var options = new Api.Mount.Types.BindOptions();
        with(options);
        return Tasks.Of(spec => spec.Mounts.Add(
            new Api.Mount { Type = MountType.Bind, Source = "/s", Target = "/t", Readonly = true, BindOptions = options }));
    }

    private static Api.Task Volume(Action<Api.Mount.Types.VolumeOptions> with)
    {
        var options = new Api.Mount.Types.VolumeOptions();
        with(options);
        return Tasks.Of(spec => spec.Mounts.Add(
            new Api.Mount { Type = MountType.Volume, Source = "v", Target = "/t", VolumeOptions = options }));
    }
}
