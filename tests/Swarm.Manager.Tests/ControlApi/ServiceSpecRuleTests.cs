// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of service specs: each with what it accepts and what it refuses.</summary>
public sealed class ServiceSpecRuleTests
{
    [Fact]
    public void SpecPresent_Accepted() =>
        Specs.Check(static _ => { });

    [Fact]
    public void SpecPresent_Refused() => ControlRules.SpecPresent.Refuses(
        static () => Specs.Check(static s => s.Task = null));

    [Fact]
    public void SpecSize_Accepted() =>
        Specs.Check(static s => s.Annotations.Labels["big"] = new string('x', 255 * 1024));

    [Fact]
    public void SpecSize_Refused()
    {
        ControlRules.SpecSize.Refuses(static () => Specs.Check(static s => s.Annotations.Labels["big"] = new string('x', 256 * 1024)));
        var node = new NodeSpec { Annotations = new Annotations { Labels = { ["big"] = new string('x', 256 * 1024) } } };
        ControlRules.SpecSize.Refuses(() => NodeSpecValidator.Validate(node));
    }

    [Fact]
    public void NamePresent_Accepted() =>
        Specs.Check(static s => s.Annotations.Name = "web");

    [Fact]
    public void NamePresent_Refused() => ControlRules.NamePresent.Refuses(
        static () => Specs.Check(static s => s.Annotations = null));

    [Fact]
    public void NameForm_Accepted() =>
        Specs.Check(static s => s.Annotations.Name = "a_b-9");

    [Theory]
    [InlineData("bad_name!")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a.b")]
    [InlineData("ä")]
    public void NameForm_Refused(string value) => ControlRules.NameForm.Refuses(
        () => Specs.Check(s => s.Annotations.Name = value));

    [Fact]
    public void NameLength_Accepted() =>
        Specs.Check(static s => s.Annotations.Name = new string('a', 63));

    [Fact]
    public void NameLength_Refused() => ControlRules.NameLength.Refuses(
        static () => Specs.Check(static s => s.Annotations.Name = new string('a', 64)));

    [Fact]
    public void ServiceMode_Accepted() =>
        Specs.Check(static s => s.Global = new GlobalService());

    [Fact]
    public void ServiceMode_Refused() => ControlRules.ServiceMode.Refuses(
        static () => Specs.Check(static s => s.ClearMode()));

    [Fact]
    public void UpdateDelay_Accepted() =>
        Specs.Check(static s => s.Update = new UpdateConfig { Delay = Specs.Seconds(0) });

    [Fact]
    public void UpdateDelay_Refused() => ControlRules.UpdateDelay.Refuses(
        static () => Specs.Check(static s => s.Update = new UpdateConfig { Delay = Specs.Seconds(-1) }));

    [Fact]
    public void UpdateMonitor_Accepted() =>
        Specs.Check(static s => s.Rollback = new UpdateConfig { Monitor = Specs.Seconds(5) });

    [Fact]
    public void UpdateMonitor_Refused() => ControlRules.UpdateMonitor.Refuses(
        static () => Specs.Check(static s => s.Rollback = new UpdateConfig { Monitor = Specs.Seconds(-1) }));

    [Fact]
    public void UpdateRatio_Accepted() =>
        Specs.Check(static s =>
        {
            s.Update = new UpdateConfig { MaxFailureRatio = 0 };
            s.Rollback = new UpdateConfig { MaxFailureRatio = 1 };
        });

    [Theory]
    [InlineData(1.01f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    public void UpdateRatio_Refused(float value) => ControlRules.UpdateRatio.Refuses(
        () => Specs.Check(s => s.Update = new UpdateConfig { MaxFailureRatio = value }));

    [Fact]
    public void JobUpdate_Accepted() =>
        Specs.Check(static s => s.GlobalJob = new GlobalJob());

    [Fact]
    public void JobUpdate_Refused() => ControlRules.JobUpdate.Refuses(
        static () => Specs.Check(static s => (s.ReplicatedJob, s.Update) = (new ReplicatedJob(), new UpdateConfig())));

    [Fact]
    public void DurationForm_Accepted() =>
        Specs.Check(static s => s.Task.Restart = new RestartPolicy { Delay = new Duration { Seconds = 1, Nanos = 500_000_000 } });

    [Theory]
    [InlineData(0, 1_000_000_000)]
    [InlineData(1, -1)]
    [InlineData(315_576_000_001, 0)]
    public void DurationForm_Refused(long seconds, int nanos) => ControlRules.DurationForm.Refuses(
        () => Specs.Check(s => s.Task.Restart = new RestartPolicy { Delay = new Duration { Seconds = seconds, Nanos = nanos } }));

    [Fact]
    public void EnumValue_Accepted() =>
        Specs.Check(static s => s.Update = new UpdateConfig { Order = UpdateConfig.Types.UpdateOrder.StartFirst });

    [Fact]
    public void EnumValue_Refused() => ControlRules.EnumValue.Refuses(
        static () => Specs.Check(static s => s.Update = new UpdateConfig { Order = (UpdateConfig.Types.UpdateOrder)7 }));

    [Fact]
    public void PortRange_Accepted() =>
        Specs.Check(static s => s.Endpoint = Port(1, 65535));

    [Theory]
    [InlineData(0, 80)]
    [InlineData(65536, 80)]
    [InlineData(80, 65536)]
    public void PortRange_Refused(uint target, uint published) => ControlRules.PortRange.Refuses(
        () => Specs.Check(s => s.Endpoint = Port(target, published)));

    [Fact]
    public void PortDuplicate_Accepted() =>
        Specs.Check(static s => s.Endpoint = new EndpointSpec { Ports = { Tcp(80, 8080), Udp(80, 8080) } });

    [Fact]
    public void PortDuplicate_Refused() => ControlRules.PortDuplicate.Refuses(
        static () => Specs.Check(static s => s.Endpoint = new EndpointSpec { Ports = { Tcp(80, 8080), Tcp(81, 8080) } }));

    [Fact]
    public void PortIngressVip_Accepted() =>
        Specs.Check(static s => s.Endpoint = Dnsrr(PortConfig.Types.PublishMode.Host));

    [Fact]
    public void PortIngressVip_Refused() => ControlRules.PortIngressVip.Refuses(
        static () => Specs.Check(static s => s.Endpoint = Dnsrr(PortConfig.Types.PublishMode.Ingress)));

    private static PortConfig Tcp(uint target, uint published) => new() { TargetPort = target, PublishedPort = published };

    private static PortConfig Udp(uint target, uint published) =>
        new() { TargetPort = target, PublishedPort = published, Protocol = PortConfig.Types.Protocol.Udp };

    private static EndpointSpec Port(uint target, uint published) => new() { Ports = { Tcp(target, published) } };

    private static EndpointSpec Dnsrr(PortConfig.Types.PublishMode mode) => new()
    {
        Mode = EndpointSpec.Types.ResolutionMode.Dnsrr,
        Ports = { new PortConfig { TargetPort = 80, PublishedPort = 80, PublishMode = mode } },
    };
}
