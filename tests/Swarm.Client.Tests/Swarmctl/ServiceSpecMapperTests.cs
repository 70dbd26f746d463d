// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Core;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Client.Tests.Swarmctl;

/// <summary>From flags to specs.</summary>
public sealed class ServiceSpecMapperTests
{
    [Fact]
    public void Create_NameAndImage_SetNothingElse() =>
        Assert.Equal(Samples.Spec("web", replicas: 1), Create("--name web --image busybox:local"));

    [Fact]
    public void Create_Process_HasItsSpecAsPayload()
    {
        ServiceSpec spec = Create(
            "--name", "web", "--runtime", "process", "--command", "/bin/sleep", "--args", "-n,5", "--args", "\"a,b\"",
            "--env", "A=1", "--dir", "/tmp", "--user", "www-data",
            "--stop-signal", "SIGINT", "--stop-grace-period", "1m30s", "--replicas", "5");

        Assert.Equal("process", spec.Task.Generic.Kind);
        Assert.Equal(5UL, spec.Replicated.Replicas);
        Assert.Equal(
            new ProcessSpec
            {
                Command = "/bin/sleep",
                Args = { "-n", "5", "a,b" },
                Env = { "A=1" },
                Dir = "/tmp",
                User = "www-data",
                StopSignal = "SIGINT",
                StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(90)),
            },
            Work.Process(spec.Task));
    }

    [Fact]
    public void Create_ProcessCommandOfSeveralWords_StartsItsArguments()
    {
        ServiceSpec spec = Create("--name web --runtime process --command /bin/sh,-c --args true");

        Assert.Equal(["-c", "true"], Work.Process(spec.Task)!.Args);
    }

    [Fact]
    public void Create_Container_AllFlags()
    {
        ServiceSpec spec = Create(
            "--name web --image nginx --mode global --command /bin/x --args a,b --env A=1,B=2 --label k=v,l --constraint node.role==worker "
            + "--cpu-limit 2 --cpu-reservation 0.5 --memory-limit 1g --memory-reservation 512m --generic-resources gpu=2,ssd=1 "
            + "--hostname h --init --tty --open-stdin --log-driver json-file --log-opt max-size=1m --network net --ports web:80:8080 "
            + "--restart-condition none --restart-delay 1s --restart-max-attempts 3 --restart-window 1m "
            + "--update-parallelism 0 --update-delay 2s --update-on-failure rollback "
            + "--update-order start-first --rollback-parallelism 4 --replicas-max-per-node 2 --secret pw --secret key:file --config cfg "
            + "--ulimit nofile=10:20 --bind /a:/b --volume v:/c:ro --tmpfs /d --add-capability NET_ADMIN --rm-capability CHOWN");

        ContainerSpec container = spec.Task.Container;
        Assert.NotNull(spec.Global);
        Assert.Equal(["/bin/x"], container.Command);
        Assert.Equal(["a", "b"], container.Args);
        Assert.Equal(["A=1", "B=2"], container.Env);
        Assert.Equal("v", spec.Annotations.Labels["k"]);
        Assert.Equal("", spec.Annotations.Labels["l"]);
        Assert.Equal(["node.role==worker"], spec.Task.Placement.Constraints);
        Assert.Equal(2UL, spec.Task.Placement.MaxReplicas);
        Assert.Equal(2_000_000_000, spec.Task.Resources.Limits.NanoCpus);
        Assert.Equal(1L << 30, spec.Task.Resources.Limits.MemoryBytes);
        Assert.Equal(500_000_000, spec.Task.Resources.Reservations.NanoCpus);
        Assert.Equal(["gpu", "ssd"], spec.Task.Resources.Reservations.Generic.Select(static g => g.DiscreteResourceSpec.Kind));
        Assert.True(container.Init is true && container.Tty && container.OpenStdin);
        Assert.Equal("1m", spec.Task.LogDriver.Options["max-size"]);
        Assert.Equal("net", Assert.Single(spec.Task.Networks).Target);
        Assert.Equal(8080u, Assert.Single(spec.Endpoint.Ports).PublishedPort);
        Assert.Equal(RestartPolicy.Types.RestartCondition.None, spec.Task.Restart.Condition);
        Assert.Equal(3UL, spec.Task.Restart.MaxAttempts);
        Assert.Equal(60, spec.Task.Restart.Window.Seconds);
        Assert.Equal(0UL, spec.Update.Parallelism);
        Assert.Equal(UpdateConfig.Types.FailureAction.Rollback, spec.Update.FailureAction);
        Assert.Equal(UpdateConfig.Types.UpdateOrder.StartFirst, spec.Update.Order);
        Assert.Equal(4UL, spec.Rollback.Parallelism);
        Assert.Equal(["pw:pw", "key:file"], container.Secrets.Select(static s => s.SecretName + ":" + s.File.Name));
        Assert.Equal("cfg", Assert.Single(container.Configs).ConfigName);
        Assert.Equal(20, Assert.Single(container.Ulimits).Hard);
        Assert.Equal(["/b", "/c", "/d"], container.Mounts.Select(static m => m.Target));
        Assert.Equal(["NET_ADMIN"], container.CapabilityAdd);
        Assert.Equal(["CHOWN"], container.CapabilityDrop);
    }

    [Theory]
    [InlineData("--image nginx", "--name and --image are mandatory")]
    [InlineData("--name web", "--runtime process")]
    [InlineData("--name web --image nginx --runtime process --command x", "--image and --runtime process exclude each other")]
    [InlineData("--name web --runtime process", "--runtime process needs --command")]
    [InlineData("--name web --runtime process --command x --hostname h", "--hostname is for containers")]
    [InlineData("--name web --image nginx --mode global --replicas 2", "--replicas can only be specified")]
    [InlineData("--name web --image nginx --log-opt a=b", "--log-opt needs --log-driver")]
    [InlineData("--name web --image nginx --generic-resources gpu", "invalid generic resource gpu")]
    [InlineData("--name web --image nginx --ulimit nofile", "invalid ulimit nofile")]
    public void Create_FlagsThatDoNotGoTogether_AreRefused(string flags, string text) =>
        Assert.Contains(text, Assert.Throws<SwarmException>(() => Create(flags)).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_RestartDelayAlone_KeepsTheConditionAny()
    {
        RestartPolicy policy = Create("--name web --image nginx --restart-delay 1s").Task.Restart;

        Assert.Equal(RestartPolicy.Types.RestartCondition.Any, policy.Condition);
        Assert.Equal(1UL, Create("--name web --image nginx --update-delay 1s").Update.Parallelism);
    }

    [Fact]
    public void Update_NothingTyped_ChangesNothing()
    {
        ServiceSpec spec = Create("--name web --image nginx --env A=1 --restart-delay 1s --update-delay 1s --bind /a:/b --secret pw");
        ServiceSpec before = spec.Clone();

        Update(spec, "");

        Assert.Equal(before, spec);
    }

    [Fact]
    public void Update_WhatIsTyped_ChangesAlone()
    {
        ServiceSpec spec = Create("--name web --image nginx --env A=1 --args x --replicas 3 --bind /a:/b,/c:/d --secret pw --secret key");

        Update(spec, "--env Z=1 --update-parallelism 2 --force --bind /e:/b --rm-secret pw --add-secret new --replicas 0");

        Assert.Equal(["Z=1"], spec.Task.Container.Env);
        Assert.Equal(["x"], spec.Task.Container.Args);
        Assert.Equal(1UL, spec.Task.ForceUpdate);
        Assert.Equal(0UL, spec.Replicated.Replicas);
        Assert.Equal(["/c", "/e"], spec.Task.Container.Mounts.Select(static m => m.Source));
        Assert.Equal(["key", "new"], spec.Task.Container.Secrets.Select(static s => s.SecretName));
    }

    [Fact]
    public void Update_Process_KeepsWhatIsNotTyped()
    {
        ServiceSpec spec = Create("--name web --runtime process --command /bin/x --args a --user u");

        Update(spec, "--args b,c");

        Assert.Equal(new ProcessSpec { Command = "/bin/x", Args = { "b", "c" }, User = "u" }, Work.Process(spec.Task));
        Assert.Throws<SwarmException>(() => Update(spec, "--image nginx"));
    }

    [Theory]
    [InlineData("--replicas", "many")]
    [InlineData("--restart-delay", "5")]
    [InlineData("--restart-condition", "sometimes")]
    [InlineData("--mode", "single")]
    [InlineData("--env", "\"open")]
    public void Flags_BadValues_AreErrorsOfTheCommandLine(string flag, string value) =>
        Assert.NotEmpty(Typed(new ServiceFlags(), create: true, [flag, value]).Errors);

    private static ServiceSpec Create(string flags) => Create(Words(flags));

    private static ServiceSpec Create(params string[] words)
    {
        var flags = new ServiceFlags();
        ParseResult typed = Typed(flags, create: true, words);
        Assert.Empty(typed.Errors);
        return new ServiceSpecMapper(flags, typed).Create();
    }

    private static void Update(ServiceSpec spec, string words)
    {
        var flags = new ServiceFlags();
        ParseResult typed = Typed(flags, create: false, Words(words));
        Assert.Empty(typed.Errors);
        new ServiceSpecMapper(flags, typed).Apply(spec);
    }

    private static ParseResult Typed(ServiceFlags flags, bool create, string[] words)
    {
        var command = new Command("test");
        foreach (Symbol symbol in create ? flags.ForCreate : flags.ForUpdate)
        {
            command.Options.Add((System.CommandLine.Option)symbol);
        }

        return command.Parse(words);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
