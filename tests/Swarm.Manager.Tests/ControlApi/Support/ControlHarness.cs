// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Swarm.Api;
using Swarm.Core;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>A control service over a store of its own, with no controllers: what a command wrote is what there is.</summary>
internal sealed class ControlHarness : IDisposable
{
    private readonly StoreWriter _writer;
    private readonly LocalProposer _proposer;

    private ControlHarness(ControlServiceOptions? options)
    {
        var mailbox = new ThreadPoolMailbox("store", Time);
        _proposer = new LocalProposer(mailbox);
        _writer = new StoreWriter(new StoreWriterOptions { DetectMutation = true }, _proposer, [], mailbox, seed: 1);
        Issuer = new SimulatedCertificateIssuer(new SeededRandom(7));
        Control = new ControlService(_writer, Issuer, options);
        Context = new TestCallContext(TestContext.Current.CancellationToken);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SimulatedCertificateIssuer Issuer { get; }

    public ControlService Control { get; }

    public TestCallContext Context { get; }

    public StoreView State => _writer.Committed;

    public static async Task<ControlHarness> StartAsync(ControlServiceOptions? options = null)
    {
        var harness = new ControlHarness(options);
        var leads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        harness._writer.ReignChanged += (_, _) => leads.TrySetResult();
        harness._writer.Start();
        await leads.Task.WaitAsync(TestContext.Current.CancellationToken);
        return harness;
    }

    /// <summary>Puts an object into the store as it is.</summary>
    public async Task<T> PutAsync<T>(T o)
        where T : class, IStoreObject
    {
        await _writer.SubmitAsync("put", tx => tx.Create(o), TestContext.Current.CancellationToken);
        return State.Get<T>(o.Id)!;
    }

    public Task<Cluster> PutClusterAsync()
    {
        CertificateKeyPair root = Issuer.CreateRoot(Time.GetUtcNow());
        return PutAsync(new Cluster
        {
            Id = "cluster",
            Spec = new ClusterSpec { Annotations = new Annotations { Name = "default" } },
            RootCa = new RootCA
            {
                CaCert = root.CertificatePem,
                CaKey = root.KeyPem,
                JoinTokens = new JoinTokens { Worker = "old-worker", Manager = "old-manager" },
            },
            NetworkBootstrapKeys = { new EncryptionKey { Key = ByteString.CopyFromUtf8("network-key") } },
            UnlockKeys = { new EncryptionKey { Key = ByteString.CopyFromUtf8("unlock-key") } },
        });
    }

    public async Task<Service> CreateServiceAsync(ServiceSpec spec) =>
        (await Control.CreateService(new CreateServiceRequest { Spec = spec }, Context)).Service;

    public Task<UpdateServiceResponse> UpdateServiceAsync(Service service, Action<ServiceSpec> change)
    {
        ServiceSpec spec = service.Spec.Clone();
        change(spec);
        return Control.UpdateService(
            new UpdateServiceRequest { ServiceId = service.Id, ServiceVersion = service.Meta.Version, Spec = spec }, Context);
    }

    public async Task<Secret> CreateSecretAsync(string name, string data = "data") => (await Control.CreateSecret(
        new CreateSecretRequest { Spec = Specs.Secret(name, data) }, Context)).Secret;

    public async Task<Config> CreateConfigAsync(string name, string data = "data") => (await Control.CreateConfig(
        new CreateConfigRequest { Spec = Specs.Config(name, data) }, Context)).Config;

    public void Dispose() => _proposer.Dispose();
}
