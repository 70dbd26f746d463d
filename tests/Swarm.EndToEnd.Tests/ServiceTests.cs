// SPDX-License-Identifier: Apache-2.0
namespace Swarm.EndToEnd.Tests;

/// <summary>What services are given and what becomes of them: secrets, updates, logs.</summary>
[Collection(OneWorkerCluster.Name)]
public sealed class ServiceTests(OneWorkerCluster fixture)
{
    private readonly TestCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task SecretsAndConfigs_ReachTheProcess_AndGoWithIt()
    {
        string file = Path.Combine(_cluster.Directory, "data");
        await File.WriteAllTextAsync(file, "open sesame\n");
        (await _cluster.CtlAsync("secret", "create", "password", "--file", file)).Succeeded();
        await File.WriteAllTextAsync(file, "good morning\n");
        (await _cluster.CtlAsync("config", "create", "greeting", "--file", file)).Succeeded();
        await CreateScriptAsync(
            "reader",
            "cat $SWARM_SECRETS_DIR/password $SWARM_CONFIGS_DIR/greeting; echo in=$SWARM_SECRETS_DIR; stat -c mode=%a $SWARM_SECRETS_DIR/password; exec sleep 100000",
            "--secret", "password", "--config", "greeting");
        await UntilLoggedAsync("reader", "mode=");

        string[] lines = [.. (await _cluster.CtlAsync("service", "logs", "reader")).Succeeded().Lines.Select(l => l[(l.IndexOf(
            '|', StringComparison.Ordinal) + 2)..])];
        Assert.Equal(["open sesame", "good morning"], lines[..2]);
        Assert.Equal("mode=400", lines[3]);
        string directory = lines[2]["in=".Length..];
        Assert.True(Directory.Exists(directory));
        Assert.DoesNotContain("sesame", (await _cluster.CtlAsync("secret", "inspect", "password")).Succeeded().Output, StringComparison.Ordinal);
        (await _cluster.CtlAsync("secret", "rm", "password")).FailedSaying("password", "in use", "reader");

        (await _cluster.CtlAsync("service", "rm", "reader")).Succeeded();
        await _cluster.UntilAsync("the task's secrets are gone from the disk", () => Task.FromResult(!Directory.Exists(directory)));
        (await _cluster.CtlAsync("secret", "rm", "password")).Succeeded();
        (await _cluster.CtlAsync("config", "rm", "greeting")).Succeeded();
    }

    [Fact]
    public async Task UnknownSecret_IsRefused_AndNoServiceIsMade()
    {
        (await _cluster.CreateSleeperAsync("lacking", 1, "--secret", "nosuchsecret")).FailedSaying("secret", "nosuchsecret", "not found");

        Assert.DoesNotContain((await _cluster.CtlAsync("service", "ls")).Rows, r => r[1] == "lacking");
    }

    [Fact]
    public async Task Update_ReplacesTheTasksStopFirst_AndCompletes()
    {
        string journal = Path.Combine(_cluster.Directory, "journal");
        await CreateScriptAsync(
            "rolling",
            $"trap 'echo $SWARM_TASK_SLOT stop $COLOUR >>{journal}; exit 0' TERM; echo $SWARM_TASK_SLOT start $COLOUR >>{journal}; sleep 100000 & wait",
            "--env", "COLOUR=red", "--replicas", "3");
        await _cluster.UntilReplicasAsync("rolling", "3/3");
        await _cluster.UntilAsync("three have started", async () => (await File.ReadAllLinesAsync(journal)).Length == 3);
        List<(string Id, string Name, string Node)> before = await _cluster.RunningAsync("rolling");

        (await _cluster.CtlAsync("service", "update", "rolling", "--env", "COLOUR=blue", "--update-parallelism", "1")).Succeeded();
        await _cluster.UntilAsync(
            "the update is COMPLETED",
            async () => (await _cluster.CtlAsync("service", "inspect", "rolling")).Output.Contains("COMPLETED", StringComparison.Ordinal));

        List<(string Id, string Name, string Node)> after = await _cluster.RunningAsync("rolling");
        Assert.Equal(before.Select(t => t.Name).Order(), after.Select(t => t.Name).Order());
        Assert.Empty(before.Select(t => t.Id).Intersect(after.Select(t => t.Id)));
        string[] lines = await File.ReadAllLinesAsync(journal);
        Assert.All((string[])["1", "2", "3"], slot => Assert.Equal(
            [$"{slot} start red", $"{slot} stop red", $"{slot} start blue"], lines.Where(l => l.StartsWith(slot, StringComparison.Ordinal))));

        // One after the other: a slot is not stopped before the one before it runs again.
        Assert.Equal(["stop", "start", "stop", "start", "stop", "start"], lines[3..].Select(l => l.Split(' ')[1]));
        (await _cluster.CtlAsync("service", "rm", "rolling")).Succeeded();
    }

    [Fact]
    public async Task Logs_Follow_ShowWhatIsPrintedMeanwhile_AlsoByTasksThatStartLater()
    {
        string gate = Path.Combine(_cluster.Directory, "gate");
        await CreateScriptAsync("talker",
            $"echo early $SWARM_TASK_SLOT; until [ -e {gate} ]; do sleep 0.1; done; echo late $SWARM_TASK_SLOT; exec sleep 100000");
        await _cluster.UntilReplicasAsync("talker", "1/1");
        await using NodeProcess logs = NodeProcess.StartProgram(
            Tool.Path("swarmctl"), [], "--socket", _cluster.Socket, "service", "logs", "--follow", "talker");
        await SeenAsync("early 1");
        Assert.DoesNotContain("late", logs.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(gate, "");
        await SeenAsync("late 1");
        (await _cluster.CtlAsync("service", "update", "talker", "--replicas", "2")).Succeeded();
        await SeenAsync("late 2");
        Assert.Contains("talker.2.", logs.Output, StringComparison.Ordinal);

        Assert.Equal(130, await logs.InterruptAsync());
        Assert.DoesNotContain("   at ", logs.Output, StringComparison.Ordinal);
        Assert.Equal(4, logs.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (await _cluster.CtlAsync("service", "rm", "talker")).Succeeded();

        Task SeenAsync(string text) => _cluster.UntilAsync(
            $"the log shows '{text}':\n{logs.Output}", () => Task.FromResult(logs.Output.Contains("| " + text, StringComparison.Ordinal)));
    }

    private async Task CreateScriptAsync(string name, string script, params string[] more) => (await _cluster.CtlAsync(
        ["service", "create", "--name", name, "--runtime", "process", "--command", "/bin/sh", "--args=-c", "--args", script, .. more])).Succeeded();

    private Task UntilLoggedAsync(string service, string text) => _cluster.UntilAsync(
        $"the log of {service} shows '{text}'",
        async () => (await _cluster.CtlAsync("service", "logs", service)).Output.Contains(text, StringComparison.Ordinal));
}
