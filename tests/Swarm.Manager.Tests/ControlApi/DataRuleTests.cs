// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>The rules of secrets, configs, extensions and resources.</summary>
public sealed class DataRuleTests
{
    [Theory]
    [InlineData("a.b")]
    [InlineData("A-1_b")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void SecretNameForm_Accepted(string name)
    {
        DataSpecValidator.Secret(Specs.Secret(name));
        DataSpecValidator.Config(Specs.Config(name));
    }

    [Theory]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public void SecretNameForm_Refused(string name)
    {
        ControlRules.SecretNameForm.Refuses(() => DataSpecValidator.Secret(Specs.Secret(name)));
        ControlRules.SecretNameForm.Refuses(() => DataSpecValidator.Config(Specs.Config(name)));
    }

    [Fact]
    public void DataSize_Accepted()
    {
        DataSpecValidator.Secret(Specs.Secret("s", "x"));
        DataSpecValidator.Secret(Specs.Secret("s", new string('x', DataSpecValidator.SecretBytesLimit - 1)));
        DataSpecValidator.Config(Specs.Config("c", new string('x', DataSpecValidator.ConfigBytesLimit - 1)));
    }

    [Fact]
    public void DataSize_Refused()
    {
        ControlRules.DataSize.Refuses(static () => DataSpecValidator.Secret(Specs.Secret("s", "")));
        ControlRules.DataSize.Refuses(static () => DataSpecValidator.Config(Specs.Config("c", "")));
        ControlRules.DataSize.Refuses(static () => DataSpecValidator.Secret(Specs.Secret("s", new string('x', 512_000))));
        ControlRules.DataSize.Refuses(static () => DataSpecValidator.Config(Specs.Config("c", new string('x', 1_024_000))));
    }

    [Fact]
    public void SecretDriverLater_Accepted() => DataSpecValidator.Secret(Specs.Secret("s"));

    [Fact]
    public void SecretDriverLater_Refused() => ControlRules.SecretDriverLater.Refuses(
        static () => DataSpecValidator.Secret(Specs.Secret("s").WithDriver(new Driver { Name = "vault" })));

    [Fact]
    public void TemplatingLater_Accepted() => DataSpecValidator.Config(Specs.Config("c"));

    [Fact]
    public void TemplatingLater_Refused()
    {
        var driver = new Driver { Name = "golang" };
        ControlRules.TemplatingLater.Refuses(() => DataSpecValidator.Config(Specs.Config("c").WithTemplating(driver)));
        ControlRules.TemplatingLater.Refuses(() => DataSpecValidator.Secret(Specs.Secret("s").WithTemplating(driver)));
    }

    [Fact]
    public async Task DataFixed_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Secret secret = await harness.CreateSecretAsync("s", "the-data");
        Config config = await harness.CreateConfigAsync("c");
        SecretSpec labelled = secret.Spec.Clone();
        labelled.Annotations.Labels["a"] = "b";
        ConfigSpec spec = config.Spec.Clone();
        spec.Annotations.Labels["a"] = "b";

        await UpdateAsync(harness, secret, labelled);
        await harness.Control.UpdateConfig(
            new UpdateConfigRequest { ConfigId = config.Id, ConfigVersion = config.Meta.Version, Spec = spec }, harness.Context);

        Secret stored = harness.State.Get<Secret>(secret.Id)!;
        Assert.Equal("b", stored.Spec.Annotations.Labels["a"]);
        Assert.Equal("the-data", stored.Spec.Data.ToStringUtf8());
        Assert.Equal("b", harness.State.Get<Config>(config.Id)!.Spec.Annotations.Labels["a"]);
    }

    [Fact]
    public async Task DataFixed_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Secret secret = await harness.CreateSecretAsync("s");
        Config config = await harness.CreateConfigAsync("c");

        await ControlRules.DataFixed.RefusesAsync(() => UpdateAsync(harness, secret, Specs.Secret("s", "other data")));
        await ControlRules.DataFixed.RefusesAsync(() => UpdateAsync(harness, secret, Specs.Secret("t")));
        await ControlRules.DataFixed.RefusesAsync(() => harness.Control.UpdateConfig(
            new UpdateConfigRequest { ConfigId = config.Id, ConfigVersion = config.Meta.Version, Spec = Specs.Config("c", "other") },
            harness.Context));
    }

    [Fact]
    public async Task DataInUse_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Secret secret = await harness.CreateSecretAsync("s");
        Config config = await harness.CreateConfigAsync("c");

        await harness.Control.RemoveSecret(new RemoveSecretRequest { SecretId = secret.Id }, harness.Context);
        await harness.Control.RemoveConfig(new RemoveConfigRequest { ConfigId = config.Id }, harness.Context);

        Assert.Equal(0, harness.State.Count<Secret>() + harness.State.Count<Config>());
    }

    [Fact]
    public async Task DataInUse_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Secret secret = await harness.CreateSecretAsync("s");
        Config config = await harness.CreateConfigAsync("c");
        ServiceSpec spec = Specs.Process();
        spec.Task.ResourceReferences.Add(new ResourceReference { ResourceId = secret.Id, ResourceType = ResourceType.Secret });
        spec.Task.ResourceReferences.Add(new ResourceReference { ResourceId = config.Id, ResourceType = ResourceType.Config });
        await harness.CreateServiceAsync(spec);

        var error = await ControlRules.DataInUse.RefusesAsync(
            () => harness.Control.RemoveSecret(new RemoveSecretRequest { SecretId = secret.Id }, harness.Context));
        await ControlRules.DataInUse.RefusesAsync(
            () => harness.Control.RemoveConfig(new RemoveConfigRequest { ConfigId = config.Id }, harness.Context));

        Assert.Equal("secret 's' is in use by the following service: web", error.Message);
    }

    [Fact]
    public async Task Secret_InAnswers_HasNoData()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Secret created = await harness.CreateSecretAsync("s", "the-data");

        Secret got = (await harness.Control.GetSecret(new GetSecretRequest { SecretId = created.Id }, harness.Context)).Secret;
        Secret listed = Assert.Single((await harness.Control.ListSecrets(new ListSecretsRequest(), harness.Context)).Secrets);

        Assert.All([created, got, listed], static s => Assert.True(s.Spec.Data.IsEmpty));
        Assert.Equal("the-data", harness.State.Get<Secret>(created.Id)!.Spec.Data.ToStringUtf8());
    }

    [Fact]
    public async Task Config_InAnswers_HasItsData()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();

        Assert.Equal("the-data", (await harness.CreateConfigAsync("c", "the-data")).Spec.Data.ToStringUtf8());
    }

    [Fact]
    public async Task ExtensionInUse_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Extension extension = await CreateExtensionAsync(harness, "kind");

        await harness.Control.RemoveExtension(new RemoveExtensionRequest { ExtensionId = extension.Id }, harness.Context);

        Assert.Equal(0, harness.State.Count<Extension>());
    }

    [Fact]
    public async Task ExtensionInUse_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        Extension extension = await CreateExtensionAsync(harness, "kind");
        await CreateResourceAsync(harness, "kind", "r");

        await ControlRules.ExtensionInUse.RefusesAsync(
            () => harness.Control.RemoveExtension(new RemoveExtensionRequest { ExtensionId = extension.Id }, harness.Context));
    }

    [Fact]
    public async Task ResourceKind_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await CreateExtensionAsync(harness, "kind");
        await CreateExtensionAsync(harness, "other");
        Resource resource = await CreateResourceAsync(harness, "kind", "r");
        await CreateResourceAsync(harness, "other", "s");

        var request = new ListResourcesRequest { Filters = new() { Kind = "kind" } };
        Assert.Same(resource, Assert.Single((await harness.Control.ListResources(request, harness.Context)).Resources));
    }

    [Fact]
    public async Task ResourceKind_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();

        await ControlRules.ResourceKind.RefusesAsync(() => CreateResourceAsync(harness, "kind", "r"));
    }

    [Fact]
    public async Task ResourceRename_Accepted()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await CreateExtensionAsync(harness, "kind");
        Resource resource = await CreateResourceAsync(harness, "kind", "r");

        Resource updated = await UpdateAsync(harness, resource, new Annotations { Name = "r", Labels = { ["a"] = "b" } });

        Assert.Equal("b", updated.Annotations.Labels["a"]);
        await harness.Control.RemoveResource(new RemoveResourceRequest { ResourceId = resource.Id }, harness.Context);
        Assert.Equal(0, harness.State.Count<Resource>());
    }

    [Fact]
    public async Task ResourceRename_Refused()
    {
        using ControlHarness harness = await ControlHarness.StartAsync();
        await CreateExtensionAsync(harness, "kind");
        Resource resource = await CreateResourceAsync(harness, "kind", "r");

        await ControlRules.ResourceRename.RefusesAsync(() => UpdateAsync(harness, resource, new Annotations { Name = "other" }));
    }

    private static async Task<Secret> UpdateAsync(ControlHarness harness, Secret secret, SecretSpec spec) =>
        (await harness.Control.UpdateSecret(
            new UpdateSecretRequest { SecretId = secret.Id, SecretVersion = secret.Meta.Version, Spec = spec }, harness.Context)).Secret;

    private static async Task<Resource> UpdateAsync(ControlHarness harness, Resource resource, Annotations annotations) =>
        (await harness.Control.UpdateResource(
            new UpdateResourceRequest { ResourceId = resource.Id, ResourceVersion = resource.Meta.Version, Annotations = annotations },
            harness.Context)).Resource;

    private static async Task<Extension> CreateExtensionAsync(ControlHarness harness, string name) =>
        (await harness.Control.CreateExtension(
            new CreateExtensionRequest { Annotations = new Annotations { Name = name } }, harness.Context)).Extension;

    private static async Task<Resource> CreateResourceAsync(ControlHarness harness, string kind, string name) =>
        (await harness.Control.CreateResource(
            new CreateResourceRequest { Annotations = new Annotations { Name = name }, Kind = kind }, harness.Context)).Resource;
}
