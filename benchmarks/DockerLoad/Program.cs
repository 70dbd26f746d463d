// SPDX-License-Identifier: Apache-2.0
// Compares what starting containers costs: by this project, by the engine's own swarm mode, and bare; all on one private Docker Engine,
// in turns, so that what else the machine does meets all alike. Needs root (eng/docker-bench.sh builds and starts it).
// usage: DockerLoad SWARMD [--runs N] [--replicas N] [--rounds N] [--log-level LEVEL]
using System.Globalization;
using DockerLoad;
using Swarm.Docker.Testing;

int runs = Number("--runs", 7);
int replicas = Number("--replicas", 50);
int rounds = Number("--rounds", 20);
await using PrivateEngine engine = await PrivateEngine.StartAsync(new PrivateEngineOptions { Name = "bench" });
using var http = new EngineHttp(engine.Endpoint);
(await http.PostAsync("swarm/init", """{"ListenAddr":"127.0.0.1:2377","AdvertiseAddr":"127.0.0.1"}""")).Dispose();
await using Node node = await Node.StartAsync(args[0], engine.Endpoint, Text("--log-level", "warn"));
var starts = new Starts(engine, http, node);
await starts.WarmUpAsync();
if (rounds > 0)
{
    await OneContainer.RunAsync(starts, rounds);
}

if (runs > 0)
{
    await ManyReplicas.RunAsync(starts, runs, replicas);
}

int Number(string name, int value) => int.Parse(Text(name, value.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string Text(string name, string value) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : value;
