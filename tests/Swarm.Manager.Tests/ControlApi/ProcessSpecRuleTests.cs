// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of processes.</summary>
public sealed class ProcessSpecRuleTests
{
    [Fact]
    public void ProcessPayload_Accepted() =>
        Specs.CheckProcess(static _ => { });

    [Fact]
    public void ProcessPayload_Refused()
    {
        ServiceSpec other = Specs.Process();
        other.Task.Generic.Payload = Any.Pack(new Annotations());
        ControlRules.ProcessPayload.Refuses(() => ServiceSpecValidator.Validate(other));
        ServiceSpec broken = Specs.Process();
        broken.Task.Generic.Payload.Value = ByteString.CopyFrom(0x0A, 0x7F);
        ControlRules.ProcessPayload.Refuses(() => ServiceSpecValidator.Validate(broken));
    }

    [Fact]
    public void ProcessCommand_Accepted() =>
        Specs.CheckProcess(static p => p.Command = "/bin/sleep");

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void ProcessCommand_Refused(string value) => ControlRules.ProcessCommand.Refuses(
        () => Specs.CheckProcess(p => p.Command = value));

    [Fact]
    public void ProcessText_Accepted() =>
        Specs.CheckProcess(static p => p.Args.Add("ä \n $HOME"));

    [Theory]
    [InlineData("command")]
    [InlineData("args")]
    [InlineData("env")]
    [InlineData("dir")]
    [InlineData("user")]
    public void ProcessText_Refused(string field) => ControlRules.ProcessText.Refuses(
        () => Specs.CheckProcess(Zero(field)));

    [Fact]
    public void ProcessEnvironment_Accepted() =>
        Specs.CheckProcess(static p => p.Env.AddRange(["A=1", "B=", "C=a=b"]));

    [Theory]
    [InlineData("A")]
    [InlineData("=1")]
    public void ProcessEnvironment_Refused(string value) => ControlRules.ProcessEnvironment.Refuses(
        () => Specs.CheckProcess(p => p.Env.Add(value)));

    [Fact]
    public void ProcessDirectory_Accepted() =>
        Specs.CheckProcess(static p => p.Dir = "/tmp");

    [Fact]
    public void ProcessDirectory_Refused() => ControlRules.ProcessDirectory.Refuses(
        static () => Specs.CheckProcess(static p => p.Dir = "tmp"));

    [Theory]
    [InlineData("")]
    [InlineData("www-data")]
    [InlineData("1000:1000")]
    public void ProcessUser_Accepted(string value) =>
        Specs.CheckProcess(p => p.User = value);

    [Theory]
    [InlineData("a:b:c")]
    [InlineData(":a")]
    [InlineData("a b")]
    public void ProcessUser_Refused(string value) => ControlRules.ProcessUser.Refuses(
        () => Specs.CheckProcess(p => p.User = value));

    [Theory]
    [InlineData("")]
    [InlineData("SIGTERM")]
    [InlineData("term")]
    [InlineData("15")]
    [InlineData("SIGRTMIN+3")]
    public void StopSignal_Accepted(string value) =>
        Specs.CheckProcess(p => p.StopSignal = value);

    [Theory]
    [InlineData("SIGNOPE")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("SIG")]
    [InlineData("RTMIN+99")]
    public void StopSignal_Refused(string value) => ControlRules.StopSignal.Refuses(
        () => Specs.CheckProcess(p => p.StopSignal = value));

    [Fact]
    public void StopGrace_Accepted() =>
        Specs.CheckProcess(static p => p.StopGracePeriod = Specs.Seconds(0));

    [Fact]
    public void StopGrace_Refused()
    {
        ControlRules.StopGrace.Refuses(static () => Specs.CheckContainer(static c => c.StopGracePeriod = Specs.Seconds(-1)));
        ControlRules.StopGrace.Refuses(() => Specs.CheckProcess(static p => p.StopGracePeriod = Specs.Seconds(-1)));
    }

    private static Action<ProcessSpec> Zero(string field) => p =>
    {
        const string Bad = "a\0b";
        switch (field)
        {
            case "command": p.Command = Bad; break;
            case "args": p.Args.Add(Bad); break;
            case "env": p.Env.Add("A=" + Bad); break;
            case "dir": p.Dir = "/" + Bad; break;
            default: p.User = Bad; break;
        }
    };
}
