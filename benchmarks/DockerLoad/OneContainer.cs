// SPDX-License-Identifier: Apache-2.0
namespace DockerLoad;

/// <summary>What one container costs, each way.</summary>
internal static class OneContainer
{
    public static async Task RunAsync(Starts starts, int rounds)
    {
        Series api = new("Engine API, create + start"), cli = new("docker run -d"), executor = new("executor, prepare + start");
        Series ours = new("service create -> RUNNING"), mode = new("swarm mode, the same");
        for (int round = 0; round < rounds; round++)
        {
            api.Add(await starts.ApiAsync());
            executor.Add(await starts.ExecutorAsync());
            ours.Add(await starts.OursAsync(1));
            mode.Add(await starts.SwarmModeAsync(1));
            if (Starts.HasCli)
            {
                cli.Add(await starts.CliAsync());
            }
        }

        Console.WriteLine($"one container, {rounds} rounds, network bridge:");
        foreach (Series series in Starts.HasCli ? [api, cli, executor, ours, mode] : new[] { api, executor, ours, mode })
        {
            Console.WriteLine("  " + series);
        }

        Console.WriteLine("  executor / API            " + executor.Ratio(api));
        Console.WriteLine("  full stack / API          " + ours.Ratio(api));
        Console.WriteLine("  full stack / swarm mode   " + ours.Ratio(mode));
        if (Starts.HasCli)
        {
            Console.WriteLine("  full stack / docker run   " + ours.Ratio(cli));
        }
    }
}
