// SPDX-License-Identifier: Apache-2.0
// Runs simulated clusters with faults, a seed each, and prints one line for each: what came out, and the hash of all that happened.
// usage: Simulate FIRST_SEED COUNT [NODES] [TASKS] [FAULTS] [LOSS]
using System.Globalization;
using Swarm.Testing;

if (args.Length < 2
    || !ulong.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong first)
    || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
{
    await Console.Error.WriteLineAsync("Error: usage: Simulate FIRST_SEED COUNT [NODES] [TASKS] [FAULTS] [LOSS]");
    return 2;
}

int failed = 0;
var results = new List<ClusterScenarioResult>();
for (ulong seed = first; seed < first + (ulong)count; seed++)
{
    var options = new ClusterScenarioOptions
    {
        Seed = seed,
        Nodes = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3,
        Tasks = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 300,
        Faults = args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : 30,
        LossProbability = args.Length > 5 ? double.Parse(args[5], CultureInfo.InvariantCulture) : 0.01,
    };
    try
    {
        ClusterScenarioResult result = new ClusterScenario(options).Run();
        results.Add(result);
        Console.WriteLine(
            $"seed {seed}: trace {result.TraceHash:x16}, {result.Steps} steps, {result.TasksStarted} tasks started, "
            + $"{result.MessagesLost} messages lost, {result.Changes} writes, "
            + $"converged after {result.ConvergedAfter.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
    }
    catch (InvalidOperationException e)
    {
        failed++;
        Console.WriteLine($"seed {seed}: FAILED: {e.Message}");
    }
}

if (results.Count > 0)
{
    Console.Write(new ClusterScenarioStatistics(results));
}

Console.WriteLine($"{count - failed} of {count} seeds converged and came to rest");
return failed == 0 ? 0 : 1;
