// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Swarm.Api;
using Swarm.Api.Ext;
using static Swarm.Runtime.Process.Tests.ExecutorFixture;

namespace Swarm.Runtime.Process.Tests;

/// <summary>The program of the walkthrough under the executor: a real program, with a port of its own.</summary>
public sealed class WebReplicaTests : IAsyncDisposable
{
    private readonly ExecutorFixture _fixture = new();
    private readonly HttpClient _http = new();

    private static string Program => Path.Combine(AppContext.BaseDirectory, "WebReplica");

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Start_EightAtOnce_EachAnswersOnItsOwnPortAndEndsWell()
    {
        string[] ids = [.. Enumerable.Range(1, 8).Select(static i => $"replica{i}")];
        ITaskController[] controllers = await Task.WhenAll(ids.Select(StartAsync));
        var ports = new HashSet<uint>();
        foreach ((string id, ITaskController controller) in ids.Zip(controllers))
        {
            uint port = (await PortAsync(controller)).PublishedPort;
            Assert.True(ports.Add(port));
            string page = await _http.GetStringAsync($"http://127.0.0.1:{port}/", TestContext.Current.CancellationToken);
            int pid = (await ((IContainerStatusSource)controller).GetContainerStatusAsync())!.Pid;
            Assert.Equal($"service web\ntask {id}\nslot 3\nnode n1\npid {pid}\n", page);
            Assert.Equal("ok\n", await _http.GetStringAsync($"http://127.0.0.1:{port}/healthz", TestContext.Current.CancellationToken));
            await controller.ShutdownAsync();
            await WaitAsync(controller);
            string[] log = await LogsAsync(controller);
            string[] requests = ["GET / HTTP/1.1 -> 200", "GET /healthz HTTP/1.1 -> 200"];
            Assert.Equal([$"listening on http://127.0.0.1:{port}/", .. requests, "SIGTERM: leaving"], log);
        }
    }

    [Fact]
    public async Task Exit_AskedFor_EndsWithThatCode()
    {
        ITaskController controller = await StartAsync("replica");
        uint port = (await PortAsync(controller)).PublishedPort;
        await _http.GetStringAsync($"http://127.0.0.1:{port}/exit?code=42", TestContext.Current.CancellationToken);
        Assert.Equal(42, (await ExitAsync(controller)).ExitCode);
    }

    [Theory]
    [InlineData("/nothing", HttpStatusCode.NotFound)]
    [InlineData("/exit?code=256", HttpStatusCode.BadRequest)]
    public async Task Get_BadTarget_SaysSoAndGoesOn(string target, HttpStatusCode status)
    {
        ITaskController controller = await StartAsync("replica");
        uint port = (await PortAsync(controller)).PublishedPort;
        using HttpResponseMessage answer = await _http.GetAsync(
            new Uri($"http://127.0.0.1:{port}{target}"), TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("ok\n", await _http.GetStringAsync($"http://127.0.0.1:{port}/healthz", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("--port", "x", "webreplica: --port must be from 0 to 65535, not 'x'")]
    [InlineData("--address", "home", "webreplica: --address must be an IP address, not 'home'")]
    [InlineData("--colour", "blue", "webreplica: unknown option --colour")]
    public async Task Start_BadOption_SaysSoAndEndsWithTwo(string option, string value, string message)
    {
        ITaskController controller = await _fixture.StartAsync(new ProcessSpec { Command = Program, Args = { option, value } });
        Assert.Equal(2, (await ExitAsync(controller)).ExitCode);
        Assert.Equal(message, (await LogsAsync(controller))[0]);
    }

    private async Task<ITaskController> StartAsync(string id)
    {
        ITaskController controller = _fixture.Controller(new ProcessSpec { Command = Program }, id);
        await controller.PrepareAsync();
        await controller.StartAsync();
        return controller;
    }

    private static async Task<PortConfig> PortAsync(ITaskController controller)
    {
        // Listening begins before the first look, so no change between the two can be missed.
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ((ITaskStatusNotifier)controller).StatusChanged += (_, _) => changed.TrySetResult();
        PortStatus? status = await ((IPortStatusSource)controller).GetPortStatusAsync();
        if (status is null)
        {
            await changed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            status = await ((IPortStatusSource)controller).GetPortStatusAsync();
        }

        return Assert.Single(status!.Ports);
    }
}
