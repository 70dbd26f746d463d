// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules that hold for objects of every kind.</summary>
public sealed class ObjectRuleTests
{
    [Fact]
    public async Task ObjectId_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());

        GetServiceResponse response = await harness.Control.GetService(new GetServiceRequest { ServiceId = service.Id }, harness.Context);

        Assert.Same(service, response.Service);
    }

    [Fact]
    public async Task ObjectId_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        foreach (Func<string, Task> call in Calls(harness))
        {
            await ControlRules.ObjectId.RefusesAsync(() => call(""));
        }
    }

    [Fact]
    public Task ObjectExists_Accepted() => ObjectId_Accepted();

    [Fact]
    public async Task ObjectExists_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        foreach (Func<string, Task> call in Calls(harness))
        {
            await ControlRules.ObjectExists.RefusesAsync(() => call("nothere"));
        }
    }

    [Fact]
    public async Task ObjectVersion_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());

        await harness.UpdateServiceAsync(service, static s => s.Replicated.Replicas = 3);
    }

    [Fact]
    public async Task ObjectVersion_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());

        await ControlRules.ObjectVersion.RefusesAsync(() => harness.Control.UpdateService(
            new UpdateServiceRequest { ServiceId = service.Id, Spec = service.Spec }, harness.Context));
    }

    [Fact]
    public Task ObjectSequence_Accepted() => ObjectVersion_Accepted();

    [Fact]
    public async Task ObjectSequence_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());
        await harness.UpdateServiceAsync(service, static s => s.Replicated.Replicas = 3);

        await ControlRules.ObjectSequence.RefusesAsync(() => harness.UpdateServiceAsync(service, static s => s.Replicated.Replicas = 4));
    }

    [Fact]
    public async Task AnswerSize_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync(new ControlServiceOptions { MaxAnswerBytes = 100_000 });
        await harness.CreateConfigAsync("a", new string('x', 60_000));

        Assert.Single((await harness.Control.ListConfigs(new ListConfigsRequest(), harness.Context)).Configs);
    }

    [Fact]
    public async Task AnswerSize_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync(new ControlServiceOptions { MaxAnswerBytes = 100_000 });
        Config first = await harness.CreateConfigAsync("a", new string('x', 60_000));
        await harness.CreateConfigAsync("b", new string('x', 60_000));

        await ControlRules.AnswerSize.RefusesAsync(() => harness.Control.ListConfigs(new ListConfigsRequest(), harness.Context));

        var part = new ListConfigsRequest { Filters = new() { IdPrefixes = { first.Id } } };
        Assert.Same(first, Assert.Single((await harness.Control.ListConfigs(part, harness.Context)).Configs));
    }

    [Fact]
    public async Task LaterMethods_SayThatTheyComeLater()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Func<Task>[] calls =
        [
            () => harness.Control.CreateNetwork(new CreateNetworkRequest(), harness.Context),
            () => harness.Control.RemoveNetwork(new RemoveNetworkRequest(), harness.Context),
            () => harness.Control.CreateVolume(new CreateVolumeRequest(), harness.Context),
            () => harness.Control.UpdateVolume(new UpdateVolumeRequest(), harness.Context),
            () => harness.Control.RemoveVolume(new RemoveVolumeRequest(), harness.Context),
        ];
        foreach (Func<Task> call in calls)
        {
            SwarmException error = await Assert.ThrowsAsync<SwarmException>(call);
            Assert.Equal(SwarmErrorCode.Unimplemented, error.Code);
            Assert.Contains("later version", error.Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<Func<string, Task>> Calls(ControlHarness h) =>
    [
        id => h.Control.GetNode(new GetNodeRequest { NodeId = id }, h.Context),
        id => h.Control.UpdateNode(new UpdateNodeRequest { NodeId = id, Spec = new NodeSpec() }, h.Context),
        id => h.Control.RemoveNode(new RemoveNodeRequest { NodeId = id }, h.Context),
        id => h.Control.GetTask(new GetTaskRequest { TaskId = id }, h.Context),
        id => h.Control.RemoveTask(new RemoveTaskRequest { TaskId = id }, h.Context),
        id => h.Control.GetService(new GetServiceRequest { ServiceId = id }, h.Context),
        id => h.Control.UpdateService(new UpdateServiceRequest { ServiceId = id, Spec = Specs.Service() }, h.Context),
        id => h.Control.RemoveService(new RemoveServiceRequest { ServiceId = id }, h.Context),
        id => h.Control.GetCluster(new GetClusterRequest { ClusterId = id }, h.Context),
        id => h.Control.UpdateCluster(new UpdateClusterRequest { ClusterId = id, Spec = new ClusterSpec() }, h.Context),
        id => h.Control.GetSecret(new GetSecretRequest { SecretId = id }, h.Context),
        id => h.Control.UpdateSecret(new UpdateSecretRequest { SecretId = id, Spec = Specs.Secret("s") }, h.Context),
        id => h.Control.RemoveSecret(new RemoveSecretRequest { SecretId = id }, h.Context),
        id => h.Control.GetConfig(new GetConfigRequest { ConfigId = id }, h.Context),
        id => h.Control.UpdateConfig(new UpdateConfigRequest { ConfigId = id, Spec = Specs.Config("c") }, h.Context),
        id => h.Control.RemoveConfig(new RemoveConfigRequest { ConfigId = id }, h.Context),
        id => h.Control.GetNetwork(new GetNetworkRequest { NetworkId = id }, h.Context),
        id => h.Control.GetExtension(new GetExtensionRequest { ExtensionId = id }, h.Context),
        id => h.Control.RemoveExtension(new RemoveExtensionRequest { ExtensionId = id }, h.Context),
        id => h.Control.GetResource(new GetResourceRequest { ResourceId = id }, h.Context),
        id => h.Control.UpdateResource(new UpdateResourceRequest { ResourceId = id }, h.Context),
        id => h.Control.RemoveResource(new RemoveResourceRequest { ResourceId = id }, h.Context),
        id => h.Control.GetVolume(new GetVolumeRequest { VolumeId = id }, h.Context),
    ];
}
