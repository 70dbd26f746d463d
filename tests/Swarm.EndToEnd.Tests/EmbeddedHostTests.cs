// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Swarm.EndToEnd.Tests;

/// <summary>The sample of a web application that is its own cluster, started as its document says.</summary>
public sealed partial class EmbeddedHostTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("embedded-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<string, string> _ports = [];

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Document_ItsCommandsGiveWhatItSays_AndAllEndCleanly()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Tool.Root, "docs", "embedding.md"));
        string[] starts = [.. lines.Where(l => l.StartsWith("artifacts/bin/EmbeddedHost", StringComparison.Ordinal))];
        Match[] asks = [.. lines.Select(l => Ask().Match(l)).Where(m => m.Success)];
        Assert.Equal((3, 5), (starts.Length, asks.Length));
        string manager = $"127.0.0.1:{FreePort()}";
        var nodes = new List<NodeProcess>();
        try
        {
            // The last first: it has to wait.
            foreach (string start in starts.Reverse())
            {
                nodes.Add(Start(start, manager));
            }

            foreach (Match ask in asks)
            {
                await AnswersAsync(Localised(ask.Groups["url"].Value), ask.Groups["answer"].Value.Trim(), nodes);
            }

            string tasks = Localised("http://127.0.0.1:5001/tasks");
            await Eventually.TrueAsync(
                "all tasks run",
                async () => (await GetAsync(tasks)).Split('\n').Count(l => l.Contains(" Running ", StringComparison.Ordinal)) == 6,
                30,
                () => GetAsync(tasks));
        }
        finally
        {
            foreach (NodeProcess node in nodes)
            {
                await node.StopAsync();
            }
        }

        Assert.All(nodes, n => Assert.True(n.ExitCode == 0, n.Output));
    }

    [Fact]
    public async Task FirstNode_WithItsStateLost_RefusesToMakeASecondCluster()
    {
        string manager = $"127.0.0.1:{FreePort()}";
        const string Command = "EmbeddedHost --name one --home embedded --urls http://127.0.0.1:5001";
        await using (NodeProcess first = Start(Command, manager))
        {
            await AnswersAsync(Localised("http://127.0.0.1:5001/health"), "Healthy", [first]);
        }

        Directory.Delete(Path.Combine(_home, "one"), recursive: true);
        await using NodeProcess again = Start(Command, manager);
        string output = await again.EndedAsync();

        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("a second cluster is not made", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FirstNode_StartedTwice_IsRefusedAndTheFirstGoesOn(bool otherHome)
    {
        string manager = $"127.0.0.1:{FreePort()}";
        const string Command = "EmbeddedHost --name one --home embedded --urls http://127.0.0.1:5001";
        await using NodeProcess first = Start(Command, manager);
        await AnswersAsync(Localised("http://127.0.0.1:5001/health"), "Healthy", [first]);

        string twice = Command.Replace(":5001", ":5002", StringComparison.Ordinal);
        await using NodeProcess second = Start(
            otherHome ? twice.Replace("--home embedded", $"--home {Path.Combine(_home, "other")}", StringComparison.Ordinal) : twice, manager);
        string output = await second.EndedAsync();

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains(otherHome ? "a second cluster is not made" : "in use", output, StringComparison.Ordinal);
        await AnswersAsync(Localised("http://127.0.0.1:5001/health"), "Healthy", [first]);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private NodeProcess Start(string command, string manager)
    {
        string[] args = [.. Localised(command).Replace("--home embedded", $"--home {_home}", StringComparison.Ordinal).Split(' ').Skip(1)];
        return NodeProcess.StartProgram(Tool.Path("EmbeddedHost"), [], [.. args, "--manager", manager]);
    }

    private async Task AnswersAsync(string url, string words, IReadOnlyList<NodeProcess> nodes) => await Eventually.TrueAsync(
        $"{url} answers '{words}'",
        async () => (await GetAsync(url)).Contains(words, StringComparison.Ordinal),
        40,
        async () => $"{await GetAsync(url)}\n{string.Join("\n--\n", nodes.Select(n => n.Output))}");

    private async Task<string> GetAsync(string url)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri(url));
            return await answer.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }

    // The ports of the document may be taken here: each stands for a free one.
    private string Localised(string text) => Port().Replace(text, m =>
    {
        if (!_ports.TryGetValue(m.Value, out string? port))
        {
            _ports.Add(m.Value, port = $":{FreePort()}");
        }

        return port;
    });

    [GeneratedRegex(@"^curl (?<url>\S+)\s+# (?<answer>.+)$")]
    private static partial Regex Ask();

    [GeneratedRegex(@":500\d")]
    private static partial Regex Port();
}
