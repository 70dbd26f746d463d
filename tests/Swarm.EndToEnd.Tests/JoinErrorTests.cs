// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Swarm.EndToEnd.Tests;

/// <summary>What a node that cannot join or start says: one line, an exit code, and nothing left half done.</summary>
public sealed class JoinErrorTests(ManagerOnlyCluster fixture) : IClassFixture<ManagerOnlyCluster>
{
    private readonly TestCluster _cluster = fixture.Cluster;

    [Fact]
    public Task NoToken_SaysHowToGetOne() =>
        RefusedAsync(["--join-addr", _cluster.Address], "join token", "swarmctl cluster inspect");

    [Fact]
    public Task TokenWithoutAddress_SaysThatTheAddressIsMissing() =>
        RefusedAsync(["--join-token", _cluster.WorkerToken], "--join-addr");

    [Fact]
    public Task WrongSecret_IsRefused() =>
        RefusedAsync(["--join-addr", _cluster.Address, "--join-token", Flip(_cluster.WorkerToken)], "token");

    [Fact]
    public Task TruncatedToken_IsRefusedBeforeAnythingIsDialled() =>
        RefusedAsync(["--join-addr", "127.0.0.1:1", "--join-token", _cluster.WorkerToken[..^7]], "token", "cut short", "swarmctl cluster inspect");

    [Fact]
    public Task ManagerToken_IsRefusedWithTheWayToJoin() => RefusedAsync(
        ["--join-addr", _cluster.Address, "--join-token", _cluster.ManagerToken], "second manager", "worker token", "swarmctl cluster inspect");

    [Fact]
    public Task NotAToken_IsRefused() =>
        RefusedAsync(["--join-addr", _cluster.Address, "--join-token", "let-me-in"], "not a join token", "SWMTKN-", "swarmctl cluster inspect");

    [Fact]
    public async Task TokenOfAnotherCluster_IsRefusedByTheDigestOfItsRoot()
    {
        await using TestCluster other = await TestCluster.StartAsync(workers: 0);

        await RefusedAsync(["--join-addr", _cluster.Address, "--join-token", other.WorkerToken], "token",
            "does not belong to this cluster", "digest", "check the address");
    }

    [Fact]
    public Task ManagerUnreachable_SaysWhichAddress()
    {
        string address = $"127.0.0.1:{TestCluster.FreePort()}";
        return RefusedAsync(["--join-addr", address, "--join-token", _cluster.WorkerToken], address, "cannot connect", "check the address");
    }

    [Fact]
    public async Task StateOfAnotherCluster_IsNotOverwritten()
    {
        await using TestCluster other = await TestCluster.StartAsync(workers: 1);
        string state = other.StateOf("node-2");
        await other.DisposeAsyncButKeepFiles();
        string before = await File.ReadAllTextAsync(Path.Combine(state, "certificates", "swarm-node.crt"));

        await using NodeProcess node = NodeProcess.Start(
            "-d", state, "--executor", "process", "--join-addr", _cluster.Address, "--join-token", _cluster.WorkerToken);
        string output = await node.EndedAsync();

        AssertOneError(node, output, state, "another cluster");
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(state, "certificates", "swarm-node.crt")));
    }

    [Fact]
    public async Task StateDirectoryNotWritable_SaysWhich()
    {
        string file = Path.Combine(_cluster.Directory, "a-file");
        await File.WriteAllTextAsync(file, "");
        string state = Path.Combine(file, "state");

        await using NodeProcess node = NodeProcess.Start("-d", state, "--executor", "process");

        AssertOneError(node, await node.EndedAsync(), state);
    }

    [Fact]
    public async Task StateDirectoryInUse_SaysSo()
    {
        await using NodeProcess node = NodeProcess.Start("-d", _cluster.StateOf("node-1"), "--executor", "process");

        AssertOneError(node, await node.EndedAsync(), "in use", _cluster.StateOf("node-1"));
    }

    [Fact]
    public async Task PortInUse_SaysWhichAndLeavesNoState()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = listener.LocalEndpoint.ToString()!;

        await RefusedAsync(["--listen-remote-api", address, "--listen-control-api", Path.Combine(_cluster.Directory, "x.sock")], address, "in use");
    }

    [Fact]
    public Task SocketInUse_SaysWhich() => RefusedAsync(
        ["--listen-remote-api", $"127.0.0.1:{TestCluster.FreePort()}", "--listen-control-api", _cluster.Socket], _cluster.Socket, "in use");

    [Fact]
    public Task SocketPathTooLong_SaysTheLimit() => RefusedAsync(
        ["--listen-remote-api", $"127.0.0.1:{TestCluster.FreePort()}", "--listen-control-api", Path.Combine(_cluster.Directory, new string('s', 120))],
        "107");

    [Fact]
    public async Task NoEngine_StartsAndSaysHowToRunProcesses()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 0);
        string engine = Path.Combine(cluster.Directory, "no-engine.sock");
        await using NodeProcess node = NodeProcess.StartProgram(
            Tool.Path("swarmd"), [KeyValuePair.Create("DOCKER_HOST", $"unix://{engine}")], "-d", Path.Combine(cluster.Directory, "engineless"),
            "--join-addr", cluster.Address, "--join-token", cluster.WorkerToken, "--hostname", "engineless");

        await cluster.UntilAsync("swarmd says what to do without an engine", () => Task.FromResult(
            Regex.IsMatch(node.Output, $"Warning: no Docker Engine answers at unix://{engine}: .*--executor process")));
        await cluster.UntilAsync("the node joined all the same", async () =>
            (await cluster.CtlAsync("node", "ls")).Output.Contains("engineless", StringComparison.Ordinal));
    }

    [Fact]
    public async Task UnknownExecutor_NamesTheKnownOnes()
    {
        await using NodeProcess node = NodeProcess.Start("-d", Path.Combine(_cluster.Directory, "none"), "--executor", "steam");

        AssertOneError(node, await node.EndedAsync(), "steam", "process");
    }

    [Fact]
    public async Task Worker_OpensNeitherRemoteApiNorControlSocket()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(workers: 0);
        string socket = Path.Combine(cluster.Directory, "worker.sock");
        int port = TestCluster.FreePort();
        cluster.Start("node-2", "--join-addr", cluster.Address, "--join-token", cluster.WorkerToken,
            "--listen-control-api", socket, "--listen-remote-api", $"127.0.0.1:{port}");
        await cluster.UntilReadyAsync(2);

        Assert.False(File.Exists(socket));
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, port));
    }

    private static string Flip(string token) => token[..^1] + (token[^1] == 'a' ? 'b' : 'a');

    private static void AssertOneError(NodeProcess node, string output, params string[] words)
    {
        Assert.NotEqual(0, node.ExitCode);
        string line = Assert.Single(output.Split('\n'), l => l.StartsWith("Error: ", StringComparison.Ordinal));
        Assert.All(words, w => Assert.Contains(w, line, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string[] args, params string[] words)
    {
        string state = Path.Combine(_cluster.Directory, "refused");
        await using NodeProcess node = NodeProcess.Start(["-d", state, "--hostname", "refused", "--executor", "process", .. args]);
        string output = await node.EndedAsync(40);

        AssertOneError(node, output, words);
        string certificates = Path.Combine(state, "certificates");
        Assert.Empty(Directory.Exists(certificates) ? Directory.GetFileSystemEntries(certificates) : []);

        // No trace on the manager's side either: it knows itself, and nobody else.
        string[] known = Assert.Single((await _cluster.CtlAsync("node", "ls")).Succeeded().Rows);
        Assert.Contains("node-1", known);
    }
}
