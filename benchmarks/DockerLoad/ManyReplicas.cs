// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace DockerLoad;

/// <summary>Many replicas on one engine, ours and swarm mode in turns; which of them begins changes with each pair.</summary>
internal static class ManyReplicas
{
    public static async Task RunAsync(Starts starts, int runs, int replicas)
    {
        Series ours = new("ours"), mode = new("swarm mode");
        for (int run = 0; run < runs; run++)
        {
            double before = starts.Node.ProcessorSeconds;
            if (run % 2 == 0)
            {
                ours.Add(await starts.OursAsync(replicas));
                mode.Add(await starts.SwarmModeAsync(replicas));
            }
            else
            {
                mode.Add(await starts.SwarmModeAsync(replicas));
                ours.Add(await starts.OursAsync(replicas));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"pair {run + 1}: ours {ours.Last:0} ms, swarm mode {mode.Last:0} ms; swarmd used {starts.Node.ProcessorSeconds - before:0.00} s of processor"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{replicas} replicas, create -> all running, {runs} pairs, network bridge:"));
        Console.WriteLine("  " + ours);
        Console.WriteLine("  " + mode);
        Console.WriteLine("  ours / swarm mode         " + ours.Ratio(mode));
    }
}
