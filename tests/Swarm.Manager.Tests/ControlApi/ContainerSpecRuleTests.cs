// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of containers.</summary>
public sealed class ContainerSpecRuleTests
{
    [Fact]
    public void ImagePresent_Accepted() =>
        Specs.CheckContainer(static c => c.Image = "nginx");

    [Fact]
    public void ImagePresent_Refused() => ControlRules.ImagePresent.Refuses(
        static () => Specs.CheckContainer(static c => c.Image = ""));

    [Theory]
    [InlineData("localhost:5000/a/b:1.0")]
    [InlineData("nginx@sha256:0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("[::1]:5000/x")]
    [InlineData("docker.io/library/nginx:latest")]
    [InlineData("a__b/c-d.e")]
    public void ImageForm_Accepted(string value) =>
        Specs.CheckContainer(c => c.Image = value);

    [Theory]
    [InlineData("Nginx")]
    [InlineData("a//b")]
    [InlineData("a:")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("nginx latest")]
    [InlineData("-a.b/c")]
    public void ImageForm_Refused(string value) => ControlRules.ImageForm.Refuses(
        () => Specs.CheckContainer(c => c.Image = value));

    [Fact]
    public void HealthTime_Accepted() =>
        Specs.CheckContainer(static c => c.Healthcheck = new HealthConfig { Interval = new Duration { Nanos = 1_000_000 } });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void HealthTime_Refused(int value) => ControlRules.HealthTime.Refuses(
        () => Specs.CheckContainer(c => c.Healthcheck = Health(value)));

    [Fact]
    public void HealthRetries_Accepted() =>
        Specs.CheckContainer(static c => c.Healthcheck = new HealthConfig { Retries = 0 });

    [Fact]
    public void HealthRetries_Refused() => ControlRules.HealthRetries.Refuses(
        static () => Specs.CheckContainer(static c => c.Healthcheck = new HealthConfig { Retries = -1 }));

    [Fact]
    public void MountTarget_Accepted() =>
        Specs.CheckContainer(static c => c.Mounts.Add(Volume("data", "/data")));

    [Fact]
    public void MountTarget_Refused() => ControlRules.MountTarget.Refuses(
        static () => Specs.CheckContainer(static c => c.Mounts.Add(Volume("data", ""))));

    [Fact]
    public void MountDuplicate_Accepted() =>
        Specs.CheckContainer(static c => c.Mounts.AddRange([Volume("a", "/a"), Volume("a", "/b")]));

    [Fact]
    public void MountDuplicate_Refused() => ControlRules.MountDuplicate.Refuses(
        static () => Specs.CheckContainer(static c => c.Mounts.AddRange([Volume("a", "/a"), Volume("b", "/a")])));

    [Fact]
    public void MountSource_Accepted() =>
        Specs.CheckContainer(static c => c.Mounts.Add(Volume("", "/data")));

    [Fact]
    public void MountSource_Refused() => ControlRules.MountSource.Refuses(
        static () => Specs.CheckContainer(static c => c.Mounts.Add(new Mount { Type = Mount.Types.Type.Bind, Target = "/data" })));

    [Fact]
    public void MountSize_Accepted() =>
        Specs.CheckContainer(static c => c.Mounts.Add(Tmpfs(0)));

    [Fact]
    public void MountSize_Refused() => ControlRules.MountSize.Refuses(
        static () => Specs.CheckContainer(static c => c.Mounts.Add(Tmpfs(-1))));

    [Fact]
    public void MountClusterVolume_Accepted() =>
        Specs.CheckContainer(static c => c.Mounts.Add(new Mount { Type = Mount.Types.Type.Cluster, Source = "group:fast", Target = "/d" }));

    [Fact]
    public void MountClusterVolume_Refused() => ControlRules.MountClusterVolume.Refuses(
        static () => Specs.CheckContainer(static c => c.Mounts.Add(Volume("group:fast", "/d"))));

    [Fact]
    public void SecretReference_Accepted() =>
        Specs.CheckContainer(static c => c.Secrets.Add(Secret("id", "name", "file")));

    [Fact]
    public void SecretReference_Refused()
    {
        ControlRules.SecretReference.Refuses(static () => Specs.CheckContainer(static c => c.Secrets.Add(Secret("", "name", "file"))));
        ControlRules.SecretReference.Refuses(static () => Specs.CheckContainer(static c => c.Secrets.Add(Secret("id", "", "file"))));
        ControlRules.SecretReference.Refuses(static () => Specs.CheckContainer(static c => c.Secrets.Add(Secret("id", "name", ""))));
        ControlRules.SecretReference.Refuses(
            static () => Specs.CheckContainer(static c => c.Secrets.Add(new SecretReference { SecretId = "id", SecretName = "name" })));
        ControlRules.SecretReference.Refuses(
            static () => Specs.CheckContainer(static c => c.Configs.Add(new ConfigReference { ConfigId = "id", ConfigName = "name" })));
    }

    [Fact]
    public void SecretTarget_Accepted() =>
        Specs.CheckContainer(static c =>
    {
        c.Secrets.Add(Secret("1", "a", "f"));
        c.Configs.Add(Config("2", "b", "f"));
    });

    [Fact]
    public void SecretTarget_Refused() => ControlRules.SecretTarget.Refuses(
        static () => Specs.CheckContainer(static c => c.Secrets.AddRange([Secret("1", "a", "f"), Secret("2", "b", "f")])));

    private static Mount Volume(string source, string target) =>
        new() { Type = Mount.Types.Type.Volume, Source = source, Target = target };

    private static Mount Tmpfs(long size) =>
        new() { Type = Mount.Types.Type.Tmpfs, Target = "/t", TmpfsOptions = new Mount.Types.TmpfsOptions { SizeBytes = size } };

    private static SecretReference Secret(string id, string name, string file) =>
        new() { SecretId = id, SecretName = name, File = new FileTarget { Name = file } };

    private static ConfigReference Config(string id, string name, string file) =>
        new() { ConfigId = id, ConfigName = name, File = new FileTarget { Name = file } };

    private static HealthConfig Health(int which)
    {
        var tooShort = new Duration { Nanos = 999_999 };
        return new HealthConfig
        {
            Interval = which == 0 ? tooShort : null,
            Timeout = which == 1 ? tooShort : null,
            StartPeriod = which == 2 ? tooShort : null,
            StartInterval = which == 3 ? tooShort : null,
        };
    }
}
