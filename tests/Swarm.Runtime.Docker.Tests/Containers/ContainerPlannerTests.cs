// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Runtime.Docker.Containers;
using EngineHost = Docker.DotNet.Models.HostConfig;
using EngineParameters = Docker.DotNet.Models.CreateContainerParameters;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Runtime.Docker.Tests.Containers;

public class ContainerPlannerTests
{
    [Fact]
    public void Plan_Names_AreThoseDockerGives()
    {
        ContainerPlan plan = Tasks.Plan(Tasks.Of(static s => (s.Labels["own"], s.Labels["com.docker.swarm.task.id"]) = ("x", "forged")));
        Assert.Equal("web.3.taskid", plan.Name);
        Assert.Equal("busybox:latest", plan.Create.Image);
        Assert.Equal(
            [
                "com.docker.swarm.node.id=nodeid", "com.docker.swarm.service.id=serviceid", "com.docker.swarm.service.name=web",
                "com.docker.swarm.task=", "com.docker.swarm.task.id=taskid", "com.docker.swarm.task.name=web.3.taskid",
                "own=x", "swarm.owner.node.id=owner",
            ],
            plan.Create.Labels.Select(static label => $"{label.Key}={label.Value}"));
    }

    [Fact]
    public void Plan_Process_IsAsSpecified()
    {
        EngineParameters create = Tasks.Plan(Tasks.Of(static s =>
        {
            s.Command.Add("sh");
            s.Args.Add(["-c", "x"]);
            s.Dir = "/d";
            s.User = "1:2";
            s.Groups.Add("g");
            s.Tty = s.OpenStdin = s.ReadOnly = true;
            s.StopSignal = "SIGUSR1";
            s.Init = false;
            s.CapabilityAdd.Add("CAP_A");
            s.CapabilityDrop.Add("ALL");
            s.Ulimits.Add(new ContainerSpec.Types.Ulimit { Name = "nofile", Soft = 1, Hard = 2 });
            s.Sysctls["a.b"] = "1";
            s.PidsLimit = 9;
            s.OomScoreAdj = 5;
            s.Hosts.Add("10.0.0.1  a b");
            s.DnsConfig = new ContainerSpec.Types.DNSConfig { Nameservers = { "1.1.1.1" }, Search = { "s" }, Options = { "o" } };
            s.Isolation = ContainerSpec.Types.Isolation.Hyperv;
            s.Privileges = new Privileges
            {
                NoNewPrivileges = true, SelinuxContext = new Privileges.Types.SELinuxContext { User = "u", Type = "t" },
                Seccomp = new Privileges.Types.SeccompOpts { Mode = Privileges.Types.SeccompOpts.Types.SeccompMode.Unconfined },
            };
        })).Create;
        EngineHost host = create.HostConfig;
        Assert.Equal(["sh"], create.Entrypoint);
        Assert.Equal(["-c", "x"], create.Cmd);
        Assert.Equal(("/d", "1:2", "SIGUSR1"), (create.WorkingDir, create.User, create.StopSignal));
        Assert.True(create.Tty && create.OpenStdin && host.ReadonlyRootfs && host.Init == false);
        Assert.Equal((9L, 5L, "hyperv"), (host.PidsLimit!.Value, host.OomScoreAdj, host.Isolation));
        Assert.Equal(["CAP_A", "ALL", "g"], [.. host.CapAdd, .. host.CapDrop, .. host.GroupAdd]);
        Assert.Equal(("nofile", 1L, 2L), (host.Ulimits[0].Name, host.Ulimits[0].Soft, host.Ulimits[0].Hard));
        Assert.Equal(["a:10.0.0.1", "b:10.0.0.1"], host.ExtraHosts);
        Assert.Equal(["1.1.1.1", "s", "o", "1"], [.. host.DNS, .. host.DNSSearch, .. host.DNSOptions, host.Sysctls["a.b"]]);
        Assert.Equal(["label=user:u", "label=type:t", "seccomp=unconfined", "no-new-privileges"], host.SecurityOpt);
    }

    [Theory]
    [InlineData("{{.Node.ID}} {{.Node.Hostname}} {{.Node.Platform.OS}}/{{ .Node.Platform.Architecture }}", "nodeid host linux/amd64")]
    [InlineData("{{.Service.ID}}-{{.Service.Name}}-{{.Task.ID}}-{{.Task.Name}}-{{.Task.Slot}}", "serviceid-web-taskid-web.3.taskid-3")]
    [InlineData("""{{.Service.Labels.tier}} {{index .Service.Labels "tier"}}[{{index .Service.Labels "no"}}]""", "front front[]")]
    [InlineData("""a {{- join "-" .Task.ID (index .Service.Labels "tier") `}}` -}} b""", "ataskid-front-}}b")]
    [InlineData("""{{"x" | join "," "y"}}{{/* nothing */}}""", "y,x")]
    [InlineData("no template }}", "no template }}")]
    public void Plan_Templates_AreExpanded(string text, string expanded)
    {
        EngineParameters create = Tasks.Plan(Tasks.Of(s =>
        {
            s.Env.Add("A=" + text);
            s.Env.Add("BARE");
            s.Hostname = text;
            s.Mounts.Add(new Api.Mount { Type = MountType.Bind, Source = "/" + text, Target = "/t" + text });
        })).Create;
        Assert.Equal(["A=" + expanded, "BARE"], create.Env);
        Assert.Equal(expanded, create.Hostname);
        Assert.Equal(("/" + expanded, "/t" + expanded), (create.HostConfig.Mounts[0].Source, create.HostConfig.Mounts[0].Target));
    }

    [Theory]
    [InlineData("{{.Nope}}", "there is no '.Nope'")]
    [InlineData("{{", "has no }}")]
    [InlineData("{{}}", "nothing to expand")]
    [InlineData("{{.Service.Labels.x}}", "no label 'x'")]
    [InlineData("{{if .Task.ID}}", "function 'if' is not known")]
    [InlineData("{{.Service.Labels}}", "cannot be written out whole")]
    [InlineData("{{secret `a`}}", "function 'secret' is not known")]
    public void Plan_BadTemplate_IsRefusedWithItsPlace(string text, string why)
    {
        string message = Tasks.Refusal(Tasks.Of(s => s.Env.Add("A=" + text))).Message;
        Assert.Contains("environment variable A", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_AnyTemplate_IsExpandedOrRefused() =>
        Gen.Char["{}.|()\"`\\- aTaskID"].Array[0, 40].Select(static chars => new string(chars)).Sample(static text =>
        {
            try
            {
                Tasks.Plan(Tasks.Of(s => s.Hostname = "{{" + text + "}}"));
            }
            catch (TaskControllerException e)
            {
                Assert.Contains("the host name", e.Message, StringComparison.Ordinal);
            }
        });

    [Fact]
    public void Plan_GenericResources_AreVariablesByKind()
    {
        ContainerPlan plan = Tasks.Plan(Tasks.Of(and: static t =>
        {
            t.AssignedGenericResources.Add(new GenericResource { NamedResourceSpec = new NamedGenericResource { Kind = "gpu", Value = "a" } });
            t.AssignedGenericResources.Add(new GenericResource { DiscreteResourceSpec = new DiscreteGenericResource { Kind = "disk", Value = 2 } });
            t.AssignedGenericResources.Add(new GenericResource { NamedResourceSpec = new NamedGenericResource { Kind = "gpu", Value = "b" } });
        }));
        Assert.Equal(["DOCKER_RESOURCE_DISK=2", "DOCKER_RESOURCE_GPU=a,b"], plan.Create.Env);
    }

    [Theory]
    [InlineData("1.24", 0, 100000, 150000)]
    [InlineData("1.25", 1_500_000_000, 0, 0)]
    public void Plan_Resources_AreSaidAsTheEngineKnowsThem(string engine, long nanoCpus, long period, long quota)
    {
        EngineHost host = Tasks.Plan(
            Tasks.Of(and: static t => t.Spec.Resources = new ResourceRequirements
            {
                Limits = new Resources { NanoCpus = 1_500_000_000, MemoryBytes = 64 << 20 },
                Reservations = new Resources { MemoryBytes = 32 << 20 }, SwapBytes = 1 << 20, MemorySwappiness = 7,
            }),
            engine).Create.HostConfig;
        Assert.Equal((nanoCpus, period, quota), (host.NanoCPUs, host.CPUPeriod, host.CPUQuota));
        Assert.Equal((64L << 20, 65L << 20, 32L << 20, 7L), (host.Memory, host.MemorySwap, host.MemoryReservation, host.MemorySwappiness!.Value));
    }

    [Fact]
    public void Plan_HealthStopLogAndAuth_AreAsSpecified()
    {
        ContainerPlan plan = Tasks.Plan(Tasks.Of(
            static s =>
            {
                s.Healthcheck = new HealthConfig { Test = { "CMD", "x" }, Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)), Retries = 4 };
                s.StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(3));
                s.PullOptions = new ContainerSpec.Types.PullOptions { RegistryAuth = "auth" };
            },
            static t => t.LogDriver = new Api.Driver { Name = "json-file", Options = { ["max-size"] = "1m" } }));
        Assert.True(plan.HasHealthcheck);
        Assert.Equal((TimeSpan.FromSeconds(2), 4L), (plan.Create.Healthcheck.Interval!.Value, plan.Create.Healthcheck.Retries!.Value));
        Assert.Equal((TimeSpan.FromSeconds(3), "auth"), (plan.StopGrace, plan.RegistryAuth));
        Assert.Equal(("json-file", "1m"), (plan.Create.HostConfig.LogConfig.Type, plan.Create.HostConfig.LogConfig.Config["max-size"]));
        Assert.False(Tasks.Plan(Tasks.Of(static s => s.Healthcheck = new HealthConfig { Test = { "NONE" } })).HasHealthcheck);
        Assert.Equal(TimeSpan.FromSeconds(10), Tasks.Plan(Tasks.Of()).StopGrace);
    }

    [Fact]
    public void Plan_Mounts_AreSaidAsTheEngineKnowsThem()
    {
        Api.Task task = Tasks.Of(static s => s.Mounts.Add(
        [
            new Api.Mount { Type = MountType.Bind, Source = "/s", Target = "/b", Readonly = true },
            new Api.Mount { Type = MountType.Volume, Source = "v", Target = "/v", VolumeOptions = new Api.Mount.Types.VolumeOptions { Nocopy = true } },
            new Api.Mount { Type = MountType.Volume, Target = "/anonymous" },
            new Api.Mount
            {
                Type = MountType.Tmpfs, Target = "/m",
                TmpfsOptions = new Api.Mount.Types.TmpfsOptions { SizeBytes = 64, Mode = 0x1ff | 1 << 20 },
            },
        ]));
        EngineParameters old = Tasks.Plan(task, "1.24").Create;
        Assert.Null(old.HostConfig.Mounts);
        Assert.Equal(["/s:/b:ro", "v:/v:nocopy"], old.HostConfig.Binds);
        Assert.Equal(["/anonymous"], old.Volumes.Keys);
        Assert.Equal("size=64,mode=1777", old.HostConfig.Tmpfs["/m"]);
        EngineParameters now = Tasks.Plan(task).Create;
        Assert.Null(now.HostConfig.Binds);
        Assert.Equal(["bind", "volume", "volume", "tmpfs"], now.HostConfig.Mounts.Select(static mount => mount.Type));
        Assert.True(now.HostConfig.Mounts[1].VolumeOptions.NoCopy);
    }

    [Theory]
    [InlineData(MountType.Bind, "relative", "/t", "absolute path of the host")]
    [InlineData(MountType.Volume, "/path", "/t", "use a bind")]
    [InlineData(MountType.Tmpfs, "x", "/t", "memory has no source")]
    [InlineData(MountType.Npipe, "", "/t", "needs a source")]
    [InlineData(MountType.Cluster, "x", "/t", "cluster volumes")]
    [InlineData(MountType.Bind, "/s", "t", "target must be an absolute path")]
    [InlineData((MountType)77, "/s", "/t", "type 77 is not known")]
    public void Plan_BadMount_IsRefusedWithWhatIsWrong(MountType type, string source, string target, string why) =>
        Assert.Contains(
            why,
            Tasks.Refusal(Tasks.Of(s => s.Mounts.Add(new Api.Mount { Type = type, Source = source, Target = target }))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Plan_TwoOfOneTarget_IsRefused() =>
        Assert.Contains("have the target '/t/'", Tasks.Refusal(Tasks.Of(static s => s.Mounts.Add(
        [
            new Api.Mount { Type = MountType.Tmpfs, Target = "/t" }, new Api.Mount { Type = MountType.Tmpfs, Target = "/t/" },
        ]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Plan_HostPorts_AreBoundAndIngressPortsAreNot()
    {
        EngineParameters create = Tasks.Plan(Tasks.Of(and: static t => t.Endpoint = new Endpoint
        {
            Ports =
            {
                new PortConfig { TargetPort = 80, PublishedPort = 8080, PublishMode = PortConfig.Types.PublishMode.Host },
                new PortConfig { TargetPort = 53, Protocol = PortConfig.Types.Protocol.Udp, PublishMode = PortConfig.Types.PublishMode.Host },
                new PortConfig { TargetPort = 81, PublishedPort = 81 },
            },
        })).Create;
        Assert.Equal(["53/udp", "80/tcp"], create.ExposedPorts.Keys);
        Assert.Equal(("8080", ""), (create.HostConfig.PortBindings["80/tcp"][0].HostPort, create.HostConfig.PortBindings["53/udp"][0].HostPort));
    }

    [Fact]
    public void Plan_SameTask_GivesTheSamePlanAndLeavesTheTaskAlone() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 5].Array[0, 4], Gen.Int[24, 52]).Sample(static (names, minor) =>
        {
            Api.Task task = Tasks.Of(s =>
            {
                foreach (string name in names)
                {
                    s.Labels[name] = "{{.Task.ID}}";
                    s.Env.Add($"{name}={{{{.Task.Slot}}}}");
                }
            });
            ByteString before = task.ToByteString();
            ContainerPlan a = Tasks.Plan(task, $"1.{minor}");
            ContainerPlan b = Tasks.Plan(task, $"1.{minor}");
            Assert.Equal(before, task.ToByteString());
            Assert.Equal(a.Create.Labels, b.Create.Labels);
            Assert.Equal(names.Select(static name => name + "=3"), a.Create.Env ?? []);
            Assert.Equal(a.Create.Env, b.Create.Env);
        });
}
