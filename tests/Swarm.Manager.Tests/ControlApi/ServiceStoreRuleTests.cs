// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of services that need the store.</summary>
public sealed class ServiceStoreRuleTests
{
    [Fact]
    public async Task NameFree_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();

        Service service = await harness.CreateServiceAsync(Specs.Service("web"));

        Assert.Equal(service.Meta.Version.Index, service.SpecVersion.Index);
        Assert.Same(service, harness.State.Get<Service>(service.Id));
    }

    [Fact]
    public async Task NameFree_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await harness.CreateServiceAsync(Specs.Service("web"));

        var error = await ControlRules.NameFree.RefusesAsync(() => harness.CreateServiceAsync(Specs.Service("WEB")));

        Assert.Equal("name conflicts with an existing object: service WEB already exists", error.Message);
    }

    [Fact]
    public Task ServiceRename_Accepted() => UpdatesAsync(static s => s.Annotations.Labels["a"] = "b");

    [Fact]
    public Task ServiceRename_Refused() => RefusesUpdateAsync(ControlRules.ServiceRename, static s => s.Annotations.Name = "other");

    [Fact]
    public Task ServiceModeFixed_Accepted() => UpdatesAsync(static s => s.Replicated.Replicas = 9);

    [Fact]
    public Task ServiceModeFixed_Refused() => RefusesUpdateAsync(ControlRules.ServiceModeFixed, static s => s.Global = new GlobalService());

    [Fact]
    public async Task ServiceNetworksMoved_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutNetworkAsync(harness, "net");
        Service service = await harness.CreateServiceAsync(Specs.Service());

        await harness.UpdateServiceAsync(service, static s => s.Task.Networks.Add(new NetworkAttachmentConfig { Target = "net" }));
    }

    [Fact]
    public async Task ServiceNetworksMoved_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutNetworkAsync(harness, "net");
        Service service = await harness.CreateServiceAsync(Specs.Service());

#pragma warning disable CS0612 // The rule is about the old field.
        await ControlRules.ServiceNetworksMoved.RefusesAsync(() => harness.UpdateServiceAsync(
            service, static s => s.Networks.Add(new NetworkAttachmentConfig { Target = "net" })));
#pragma warning restore CS0612
    }

    [Fact]
    public async Task ServiceRollback_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service first = await harness.CreateServiceAsync(Specs.Service());
        Service second = (await harness.UpdateServiceAsync(first, static s => s.Replicated.Replicas = 7)).Service;

        Service third = (await RollBackAsync(harness, second)).Service;

        Assert.Equal(first.Spec, third.Spec);
        Assert.Equal(second.Spec, third.PreviousSpec);
        Assert.Equal(second.SpecVersion, third.PreviousSpecVersion);
        Assert.Equal(first.SpecVersion, third.SpecVersion);
        Assert.Equal(UpdateStatus.Types.UpdateState.RollbackStarted, third.UpdateStatus.State);
        Service fourth = (await RollBackAsync(harness, third)).Service;
        Assert.Equal((second.Spec, second.SpecVersion), (fourth.Spec, fourth.SpecVersion));
    }

    [Fact]
    public async Task ServiceRollback_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());

        await ControlRules.ServiceRollback.RefusesAsync(() => RollBackAsync(harness, service));
    }

    [Fact]
    public Task JobsLater_Accepted() => CreatesAsync(static s => s.Global = new GlobalService());

    [Fact]
    public Task JobsLater_Refused() => RefusesAsync(ControlRules.JobsLater, static s => s.GlobalJob = new GlobalJob());

    [Fact]
    public async Task PortTaken_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await harness.CreateServiceAsync(WithPort("a", PortConfig.Types.PublishMode.Host));

        await harness.CreateServiceAsync(WithPort("b", PortConfig.Types.PublishMode.Host));
    }

    [Theory]
    [InlineData(PortConfig.Types.PublishMode.Ingress, PortConfig.Types.PublishMode.Ingress)]
    [InlineData(PortConfig.Types.PublishMode.Ingress, PortConfig.Types.PublishMode.Host)]
    [InlineData(PortConfig.Types.PublishMode.Host, PortConfig.Types.PublishMode.Ingress)]
    public async Task PortTaken_Refused(PortConfig.Types.PublishMode first, PortConfig.Types.PublishMode second)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutNetworkAsync(harness, "ingress", ingress: true);
        Service service = await harness.CreateServiceAsync(WithPort("a", first));

        await ControlRules.PortTaken.RefusesAsync(() => harness.CreateServiceAsync(WithPort("b", second)));

        await harness.UpdateServiceAsync(service, static s => s.Replicated.Replicas = 3);
    }

    [Fact]
    public async Task PortIngressNetwork_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutNetworkAsync(harness, "ingress", ingress: true);

        await harness.CreateServiceAsync(WithPort("a", PortConfig.Types.PublishMode.Ingress));
    }

    [Fact]
    public async Task PortIngressNetwork_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();

        await ControlRules.PortIngressNetwork.RefusesAsync(
            () => harness.CreateServiceAsync(WithPort("a", PortConfig.Types.PublishMode.Ingress)));
    }

    [Fact]
    public async Task NetworkFound_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutNetworkAsync(harness, "net");

        await harness.CreateServiceAsync(OnNetwork("net"));
    }

    [Fact]
    public async Task NetworkFound_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();

        await ControlRules.NetworkFound.RefusesAsync(() => harness.CreateServiceAsync(OnNetwork("net")));
    }

    [Fact]
    public Task NetworkIngress_Accepted() => NetworkFound_Accepted();

    [Fact]
    public async Task NetworkIngress_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await PutNetworkAsync(harness, "ingress", ingress: true);

        await ControlRules.NetworkIngress.RefusesAsync(() => harness.CreateServiceAsync(OnNetwork("ingress")));
    }

    [Fact]
    public async Task SecretFound_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        string id = (await harness.CreateSecretAsync("pw")).Id;

        await harness.CreateServiceAsync(WithSecret(id));
        await harness.CreateServiceAsync(WithReference(id, ResourceType.Secret));
    }

    [Fact]
    public async Task SecretFound_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        string config = (await harness.CreateConfigAsync("pw")).Id;

        var error = await ControlRules.SecretFound.RefusesAsync(() => harness.CreateServiceAsync(WithSecret("gone")));
        await ControlRules.SecretFound.RefusesAsync(() => harness.CreateServiceAsync(WithReference(config, ResourceType.Secret)));

        Assert.Equal("secret not found: pw", error.Message);
    }

    [Fact]
    public async Task ConfigFound_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        string id = (await harness.CreateConfigAsync("cfg")).Id;

        await harness.CreateServiceAsync(WithReference(id, ResourceType.Config));
    }

    [Fact]
    public async Task ConfigFound_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();

        await ControlRules.ConfigFound.RefusesAsync(() => harness.CreateServiceAsync(WithReference("gone", ResourceType.Config)));
    }

    private static async Task CreatesAsync(Action<ServiceSpec> bend)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        ServiceSpec spec = Specs.Service();
        bend(spec);

        Assert.Equal(spec, (await harness.CreateServiceAsync(spec)).Spec);
    }

    private static async Task RefusesAsync(ControlRule rule, Action<ServiceSpec> bend)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        ServiceSpec spec = Specs.Service();
        bend(spec);

        await rule.RefusesAsync(() => harness.CreateServiceAsync(spec));

        Assert.Equal(0, harness.State.Count<Service>());
    }

    private static async Task UpdatesAsync(Action<ServiceSpec> change)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service first = await harness.CreateServiceAsync(Specs.Service());

        Service second = (await harness.UpdateServiceAsync(first, change)).Service;

        Assert.NotEqual(first.Spec, second.Spec);
        Assert.Equal(first.Spec, second.PreviousSpec);
        Assert.Equal(first.SpecVersion, second.PreviousSpecVersion);
        Assert.Equal(second.Meta.Version, second.SpecVersion);
    }

    private static async Task RefusesUpdateAsync(ControlRule rule, Action<ServiceSpec> change)
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Service service = await harness.CreateServiceAsync(Specs.Service());

        await rule.RefusesAsync(() => harness.UpdateServiceAsync(service, change));

        Assert.Same(service, harness.State.Get<Service>(service.Id));
    }

    private static Task<UpdateServiceResponse> RollBackAsync(ControlHarness harness, Service service) => harness.Control.UpdateService(
        new UpdateServiceRequest
        {
            ServiceId = service.Id,
            ServiceVersion = service.Meta.Version,
            Rollback = UpdateServiceRequest.Types.Rollback.Previous,
        },
        harness.Context);

    private static Task<Network> PutNetworkAsync(ControlHarness harness, string name, bool ingress = false) => harness.PutAsync(
        new Network { Id = name, Spec = new NetworkSpec { Annotations = new Annotations { Name = name }, Ingress = ingress } });

    private static ServiceSpec WithPort(string name, PortConfig.Types.PublishMode mode)
    {
        ServiceSpec spec = Specs.Service(name);
        spec.Endpoint = new EndpointSpec { Ports = { new PortConfig { TargetPort = 80, PublishedPort = 8080, PublishMode = mode } } };
        return spec;
    }

    private static ServiceSpec OnNetwork(string name)
    {
        ServiceSpec spec = Specs.Service();
        spec.Task.Networks.Add(new NetworkAttachmentConfig { Target = name });
        return spec;
    }

    private static ServiceSpec WithSecret(string id)
    {
        ServiceSpec spec = Specs.Service("with-secret");
        spec.Task.Container.Secrets.Add(new SecretReference { SecretId = id, SecretName = "pw", File = new FileTarget { Name = "pw" } });
        return spec;
    }

    private static ServiceSpec WithReference(string id, ResourceType type)
    {
        ServiceSpec spec = Specs.Process();
        spec.Task.ResourceReferences.Add(new ResourceReference { ResourceId = id, ResourceType = type });
        return spec;
    }
}
