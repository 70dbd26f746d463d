// SPDX-License-Identifier: Apache-2.0
// Times how long the in-process cluster with the real clock takes from the creation of a service to all its tasks running, and
// shows how much memory a running task holds: in the store, at the dispatcher, in its agent and its executor together.
// usage: Converge RUNS [NODES] [TASKS]
using System.Diagnostics;
using System.Globalization;
using Swarm.Testing;

int runs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
int nodes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
ulong tasks = args.Length > 2 ? ulong.Parse(args[2], CultureInfo.InvariantCulture) : 300;
var times = new List<double>();
var held = new List<double>();
for (int run = 0; run < runs; run++)
{
    await using InProcessCluster cluster = await InProcessCluster.StartAsync(new InProcessClusterOptions { Workers = nodes - 1 });
    long before = GC.GetTotalMemory(forceFullCollection: true);
    var watch = Stopwatch.StartNew();
    await cluster.Client.Services.CreateAsync(TestWorkload.Service("web", tasks));
    await cluster.ConvergeAsync(TimeSpan.FromMinutes(1));
    times.Add(watch.Elapsed.TotalMilliseconds);
    held.Add((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)tasks);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {run + 1}: {times[^1]:0} ms, {held[^1]:0} bytes a task"));
}

times.Sort();
held.Sort();
Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture, $"{nodes} nodes, {tasks} tasks, {runs} runs: median {times[times.Count / 2]:0} ms, worst {times[^1]:0} ms; "
    + $"{times[times.Count / 2] * 1000 / tasks:0} µs and {held[held.Count / 2]:0} bytes a task"));
