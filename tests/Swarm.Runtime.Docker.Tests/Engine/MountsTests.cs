// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Runtime.Docker.Tests.Engine;

public class MountsTests
{
    private const string NoSource = "invalid mount config for type \\\"bind\\\": bind source path does not exist: /missing";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Api.Mount Bind => new() { Type = MountType.Bind, Source = "/missing", Target = "/x", Readonly = true };

    private static Api.Mount Memory => new()
    {
        Type = MountType.Tmpfs, Target = "/m",
        TmpfsOptions = new Api.Mount.Types.TmpfsOptions { SizeBytes = 4096, Options = """[["noexec"],["uid","bad"]]""" },
    };

    [Fact]
    public async Task Prepare_OptionOfMemoryThatTheEngineRefuses_IsTheReason()
    {
        await using FakeEngine fake = Engine("1.46", static call => call.RefuseAsync(400, "invalid mount config for type tmpfs: bad option uid"));

        Assert.Equal("invalid mount config for type tmpfs: bad option uid", await ErrorAsync(fake, Memory));
        JsonElement mount = Created(fake).GetProperty("HostConfig").GetProperty("Mounts")[0];
        Assert.Equal("tmpfs", mount.GetProperty("Type").GetString());
        Assert.Equal("""[["noexec"],["uid","bad"]]""", mount.GetProperty("TmpfsOptions").GetProperty("Options").GetRawText());
    }

    [Fact]
    public async Task Prepare_OptionOfMemoryOnAnOlderEngine_IsRefusedBeforeItIsAsked()
    {
        await using FakeEngine fake = Engine("1.45", static call => call.JsonAsync("""{"Id":"c1"}""", 201));

        Assert.Equal(
            "options of a mount of memory needs Docker Engine API 1.46 or newer; the engine of this node is spoken to with 1.45",
            await ErrorAsync(fake, Memory));
        Assert.DoesNotContain(fake.Calls, static call => call.Path == "/containers/create");
    }

    [Fact]
    public async Task Prepare_OptionsOfMemoryThatAreNoList_AreRefusedBeforeTheEngineIsAsked()
    {
        await using FakeEngine fake = Engine("1.46", static call => call.JsonAsync("""{"Id":"c1"}""", 201));
        Api.Mount mount = Memory;
        mount.TmpfsOptions.Options = "noexec";

        Assert.Equal("options of memory must be a JSON list of lists of strings, not 'noexec'", await ErrorAsync(fake, mount));
        Assert.DoesNotContain(fake.Calls, static call => call.Path == "/containers/create");
    }

    [Fact]
    public async Task Prepare_BindOfAMissingPath_IsRefusedWithTheEnginesWords()
    {
        await using FakeEngine fake = Engine("1.25", static call => call.RefuseAsync(400, NoSource));

        Assert.Equal(NoSource.Replace("\\\"", "\"", StringComparison.Ordinal), await ErrorAsync(fake, Bind));
        Assert.Equal("/missing", Created(fake).GetProperty("HostConfig").GetProperty("Mounts")[0].GetProperty("Source").GetString());
    }

    // Such an engine knows binds as text alone and makes what is missing: a directory of root's.
    [Fact]
    public async Task Prepare_BindOfAMissingPathOnTheOldestEngine_IsLeftToTheEngineToMake()
    {
        await using FakeEngine fake = Engine("1.24", static call => call.JsonAsync("""{"Id":"c1"}""", 201));
        await PrepareAsync(fake, Bind);

        JsonElement host = Created(fake).GetProperty("HostConfig");
        Assert.Equal("/missing:/x:ro", host.GetProperty("Binds")[0].GetString());
        Assert.False(host.TryGetProperty("Mounts", out JsonElement mounts) && mounts.ValueKind != JsonValueKind.Null);
    }

    [Theory]
    [InlineData("1.24", false)]
    [InlineData("1.25", true)]
    public async Task Prepare_GraceOfTheTask_IsWrittenIntoTheContainerWhereEnginesKnowIt(string version, bool expected)
    {
        await using FakeEngine fake = Engine(version, static call => call.JsonAsync("""{"Id":"c1"}""", 201));
        await PrepareAsync(fake, Bind);

        bool has = Created(fake).TryGetProperty("StopTimeout", out JsonElement timeout) && timeout.ValueKind != JsonValueKind.Null;
        Assert.Equal(expected ? 8 : -1, has ? timeout.GetInt32() : -1);
    }

    private static JsonElement Created(FakeEngine fake)
    {
        using JsonDocument body = JsonDocument.Parse(Assert.Single(fake.Calls, static call => call.Path == "/containers/create").Body);
        return body.RootElement.Clone();
    }

    private static FakeEngine Engine(string version, Func<FakeCall, Task> create) => new(call => (call.Method, call.Path) switch
    {
        (_, "/containers/create") => create(call),
        (_, "/images/create") => call.JsonAsync("{}"),
        (_, var path) when path.StartsWith("/images/", StringComparison.Ordinal) => call.JsonAsync("""{"Id":"sha256:1"}"""),
        _ => call.RefuseAsync(404, "no such thing"),
    })
    {
        ApiVersion = version,
    };

    private static async Task PrepareAsync(FakeEngine fake, Api.Mount mount)
    {
        await using var executor = new DockerExecutor(fake.Options());
        await using ITaskController controller = OneContainer.ControllerOf(executor, OneContainer.Task(s =>
        {
            s.Mounts.Add(mount);
            s.StopGracePeriod = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(7.5));
        }));
        await controller.PrepareAsync(Cancel);
    }

    private static async Task<string> ErrorAsync(FakeEngine fake, Api.Mount mount) =>
        (await Assert.ThrowsAsync<TaskControllerException>(() => PrepareAsync(fake, mount))).Message;
}
