// SPDX-License-Identifier: Apache-2.0
using Swarm.Client;
using Swarm.Samples.Swarmctl;

var cli = new Cli(
    Console.Out, Console.Error, TimeProvider.System, static path => new SwarmClient(path), live: !Console.IsOutputRedirected);
return await App.RunAsync(cli, args);
