// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Swarm.Core;
using Swarm.Runtime.Docker.Tests.Engine;

namespace Swarm.Runtime.Docker.Tests.Images;

public class ImagePullerTests
{
    private const string Credentials = """{"username":"me","password":"pass?>word","serveraddress":"registry.example"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_PullThatIsSilent_TakesTheImageOfTheNodeWithinSeconds(bool afterSomeProgress)
    {
        await using FakeEngine fake = Engine(
            async call =>
            {
                if (afterSomeProgress)
                {
                    await call.BeginAsync();
                    await call.PieceAsync("{\"status\":\"Pulling\"}\r\n");
                }

                await call.HangAsync();
            },
            isLocal: true);
        var watch = Stopwatch.StartNew();

        await PrepareAsync(fake);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(150), TimeSpan.FromSeconds(20));
        Assert.Single(fake.Calls, static call => call.Path == "/containers/create");
    }

    [Fact]
    public async Task Prepare_PullThatIsSilentAndNoImage_SaysBoth()
    {
        await using FakeEngine fake = Engine(static call => call.HangAsync(), isLocal: false);

        Assert.Equal(
            "image busybox:latest is not on this node and cannot be pulled: the registry gave no answer within 2 s", await ErrorAsync(fake));
    }

    [Fact]
    public async Task Prepare_ErrorInTheMiddleOfAPull_IsTheReason()
    {
        await using FakeEngine fake = Engine(FailAsync, isLocal: false);

        Assert.Equal(
            "image busybox:latest is not on this node and cannot be pulled: toomanyrequests: slow down", await ErrorAsync(fake));
        Assert.DoesNotContain(fake.Calls, static call => call.Path == "/containers/create");
    }

    [Fact]
    public async Task Prepare_ErrorInTheMiddleOfAPullAndAnImageOfTheNode_TakesThatOne()
    {
        await using FakeEngine fake = Engine(FailAsync, isLocal: true);

        await PrepareAsync(fake);
        Assert.Single(fake.Calls, static call => call.Path == "/containers/create");
    }

    [Fact]
    public async Task Prepare_EngineLostInTheMiddleOfAPull_IsNoFailureOfTheImage()
    {
        await using FakeEngine fake = Engine(
            static async call =>
            {
                await call.BeginAsync();
                await call.PieceAsync("{\"status\":\"Pulling\"}\r\n");
            },
            isLocal: true);

        SwarmException error = await Assert.ThrowsAsync<SwarmException>(() => PrepareAsync(fake));
        Assert.Equal(SwarmErrorCode.Unavailable, error.Code);
        Assert.DoesNotContain(fake.Calls, static call => call.Path == "/containers/create");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_CredentialsOfTheService_GoWithThePullAlone(bool urlAlphabet)
    {
        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials));
        encoded = urlAlphabet ? encoded.Replace('+', '-').Replace('/', '_').TrimEnd('=') : encoded;
        await using FakeEngine fake = Engine(PulledAsync, isLocal: true);

        await PrepareAsync(fake, encoded);

        FakeCall pull = Assert.Single(fake.Calls, static call => call.Path == "/images/create");
        Assert.Contains("fromImage=docker.io/library/busybox", pull.Query, StringComparison.Ordinal);
        Assert.Contains("tag=latest", pull.Query, StringComparison.Ordinal);

        // Engines read the alphabet that is safe in addresses.
        string header = pull.Headers["X-Registry-Auth"];
        Assert.DoesNotContain('+', header);
        Assert.DoesNotContain('/', header);
        string padded = header.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        using JsonDocument sent = JsonDocument.Parse(Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '=')));
        Assert.Equal("me", sent.RootElement.GetProperty("username").GetString());
        Assert.Equal("pass?>word", sent.RootElement.GetProperty("password").GetString());
        Assert.Equal("registry.example", sent.RootElement.GetProperty("serveraddress").GetString());
        Assert.All(fake.Calls.Where(call => call != pull), static call => Assert.DoesNotContain("X-Registry-Auth", call.Headers.Keys));
    }

    private static async Task FailAsync(FakeCall call)
    {
        await call.BeginAsync();
        await call.PieceAsync("{\"status\":\"Pulling\"}\r\n");
        await call.PieceAsync("{\"errorDetail\":{\"message\":\"toomanyrequests: slow down\"},\"error\":\"toomanyrequests: slow down\"}\r\n");
        await call.EndAsync();
    }

    private static async Task PulledAsync(FakeCall call)
    {
        await call.BeginAsync();
        await call.PieceAsync("{\"status\":\"Status: Image is up to date\"}\r\n");
        await call.EndAsync();
    }

    private static FakeEngine Engine(Func<FakeCall, Task> pull, bool isLocal) => new(call => (call.Method, call.Path) switch
    {
        (_, "/images/create") => pull(call),
        (_, "/containers/create") => call.JsonAsync("""{"Id":"c1"}""", 201),
        (_, var path) when path.StartsWith("/images/", StringComparison.Ordinal) && isLocal => call.JsonAsync("""{"Id":"sha256:1"}"""),
        _ => call.RefuseAsync(404, "no such thing"),
    });

    private static async Task PrepareAsync(FakeEngine fake, string auth = "")
    {
        DockerExecutorOptions options = fake.Options();
        options.PullStallTimeout = TimeSpan.FromMilliseconds(200);
        await using var executor = new DockerExecutor(options);
        await using ITaskController controller = OneContainer.ControllerOf(
            executor, OneContainer.Task(s => s.PullOptions = new Api.ContainerSpec.Types.PullOptions { RegistryAuth = auth }));
        await controller.PrepareAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }

    private static async Task<string> ErrorAsync(FakeEngine fake) =>
        (await Assert.ThrowsAsync<TaskControllerException>(() => PrepareAsync(fake))).Message;
}
