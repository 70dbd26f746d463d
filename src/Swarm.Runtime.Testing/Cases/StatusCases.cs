// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Runtime.Testing;

/// <summary>What controllers tell beside the eight calls: ports, container status; and what tasks need from the cluster.</summary>
internal static class StatusCases
{
    private const ConformanceFeatures Ports = ConformanceFeatures.Ports;
    private const int Port = 18080;
    private const string SecretId = "conformance-secret";

    public static void AddTo(CaseList cases)
    {
        cases.Add(Ports, "Ports_OfRunningWork_AreTold", "The port the work listens on is told, with the port of the node.", bench => PortAsync(bench, false));
        cases.Add(
            Ports | ConformanceFeatures.Adoption, "Ports_AfterCrash_AreTold", "After the agent died and came back the port is still told.",
            bench => PortAsync(bench, true));
        cases.Add(Ports, "Ports_OfWorkWithout_AreNone", "Work that listens on no port has none.", NoPortAsync);
        cases.Add("ContainerStatus_BeforeTheStart_IsNone", "There is no container status before the work has started, and one while it runs.", StatusAsync);
        cases.Add(
            ConformanceFeatures.Secrets, "Secret_NotArrived_IsWaitedFor",
            "Prepare fails for now while a secret has not arrived, and succeeds once it has.", SecretAsync);
    }

    private static async Task PortAsync(Workbench bench, bool crash)
    {
        Subject subject = await bench.StartedAsync(ConformanceWork.UntilStopped with { Port = Port });
        await ExpectPortAsync(bench, subject);
        if (crash)
        {
            await bench.CrashAsync();
            await ExpectPortAsync(bench, subject);
        }
    }

    private static async Task ExpectPortAsync(Workbench bench, Subject subject)
    {
        IPortStatusSource source = subject.Controller as IPortStatusSource
            ?? throw new ConformanceException("the executor claims Ports, but its controllers are no IPortStatusSource");
        PortStatus? status = null;
        await bench.EventuallyAsync(
            "a port is told", async () => (status = await source.GetPortStatusAsync(bench.Cancellation))?.Ports.Count > 0);
        Workbench.Require(
            status!.Ports is [{ TargetPort: Port, PublishedPort: >= 1 and <= 65535 }],
            $"the work listens on port {Port}, and its port status is {status}");
    }

    private static async Task NoPortAsync(Workbench bench)
    {
        Subject subject = await bench.StartedAsync();
        await subject.ExpectRunningAsync();
        await bench.MomentAsync();
        PortStatus? status = subject.Controller is IPortStatusSource source ? await source.GetPortStatusAsync(bench.Cancellation) : null;
        Workbench.Require(status is null or { Ports.Count: 0 }, $"the work listens on no port, and its port status is {status}");
    }

    private static async Task StatusAsync(Workbench bench)
    {
        Subject subject = bench.NewTask();
        if (subject.Controller is not IContainerStatusSource source)
        {
            return;
        }

        Workbench.Require(await source.GetContainerStatusAsync(bench.Cancellation) is null, "there is a container status before prepare");
        await subject.PrepareAsync();
        await subject.StartAsync();
        await subject.ExpectRunningAsync();
        ContainerStatus? status = await source.GetContainerStatusAsync(bench.Cancellation);
        Workbench.Require(status is { ExitCode: 0 }, $"the container status of running work is {status?.ToString() ?? "missing"}");
    }

    private static async Task SecretAsync(Workbench bench)
    {
        var dependencies = new Dependencies();
        Subject subject = bench.NewTask(ConformanceWork.UntilStopped with { SecretId = SecretId }, dependencies);
        await subject.ExpectAsync("prepare", CallEndKind.Temporary);
        await subject.ExpectUnstartedAsync("prepare");
        dependencies.Secret = new Secret
        {
            Id = SecretId,
            Spec = new SecretSpec
            {
                Annotations = new Annotations { Name = SecretId }, Data = ByteString.CopyFromUtf8("hush"),
            },
        };
        await subject.PrepareAsync();
        await subject.StartAsync();
        await subject.ExpectRunningAsync();
    }

    private sealed class Dependencies : ITaskDependencies
    {
        public Secret? Secret { get; set; }

        public Secret? GetSecret(string id) => Secret?.Id == id ? Secret : null;

        public Config? GetConfig(string id) => null;
    }
}
