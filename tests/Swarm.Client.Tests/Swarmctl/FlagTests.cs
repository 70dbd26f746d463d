// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Swarm.Samples.Swarmctl;

namespace Swarm.Client.Tests.Swarmctl;

/// <summary>People's habits and scripts carry over: every command and flag of SwarmKit's tool is known by its name.</summary>
public sealed class FlagTests
{
    [Theory]
    [InlineData("cluster inspect", "")]
    [InlineData("cluster ls", "-q --quiet")]
    [InlineData("cluster unlock-key", "")]
    [InlineData("cluster update",
        "--autolock --certexpiry --heartbeatperiod --log-driver --log-opt --rotate-join-token --rotate-unlock-key "
        + "--taskhistory")]
    [InlineData("config create", "-f --file")]
    [InlineData("config inspect", "")]
    [InlineData("config ls", "-q --quiet")]
    [InlineData("config remove", "")]
    [InlineData("network create", "--driver --gateway --ip-range --ipam-driver --name --opts --subnet")]
    [InlineData("network inspect", "")]
    [InlineData("network ls", "-q --quiet")]
    [InlineData("network remove", "")]
    [InlineData("node activate", "")]
    [InlineData("node demote", "")]
    [InlineData("node drain", "")]
    [InlineData("node inspect", "-a --all")]
    [InlineData("node ls", "-q --quiet")]
    [InlineData("node pause", "")]
    [InlineData("node promote", "")]
    [InlineData("node remove", "-f --force")]
    [InlineData("node update", "--label")]
    [InlineData("secret create", "-d --driver -f --file")]
    [InlineData("secret inspect", "")]
    [InlineData("secret ls", "-q --quiet")]
    [InlineData("secret remove", "")]
    [InlineData("service create",
        "--args --bind --command --constraint --cpu-limit --cpu-reservation --env --generic-resources --hostname "
        + "--image --init --label --log-driver --log-opt --memory-limit --memory-reservation --mode --name --network "
        + "--npipe --open-stdin --ports --replicas --replicas-max-per-node --restart-condition --restart-delay "
        + "--restart-max-attempts --restart-window --rollback-delay --rollback-on-failure --rollback-order "
        + "--rollback-parallelism --secret --tmpfs --tty --ulimit --update-delay --update-on-failure --update-order "
        + "--update-parallelism --volume")]
    [InlineData("service inspect", "-a --all")]
    [InlineData("service logs", "-f --follow")]
    [InlineData("service ls", "-q --quiet")]
    [InlineData("service remove", "")]
    [InlineData("service update",
        "--add-capability --add-config --add-secret --args --bind --command --constraint --cpu-limit --cpu-reservation "
        + "--env --force --generic-resources --hostname --image --init --label --log-driver --log-opt --memory-limit "
        + "--memory-reservation --name --network --npipe --open-stdin --ports --replicas --replicas-max-per-node "
        + "--restart-condition --restart-delay --restart-max-attempts --restart-window --rm-capability --rm-config "
        + "--rm-secret --rollback-delay --rollback-on-failure --rollback-order --rollback-parallelism --tmpfs --tty "
        + "--ulimit --update-delay --update-on-failure --update-order --update-parallelism --volume")]
    [InlineData("task inspect", "")]
    [InlineData("task ls", "-a --all -q --quiet")]
    [InlineData("task remove", "")]
    public void Command_HasTheFlagsOfTheReference(string command, string flags)
    {
        Command found = command.Split(' ').Aggregate((Command)Root(), static (c, name) => Sub(c, name));

        Assert.Empty(flags.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(Names(found.Options)));
    }

    [Theory]
    [InlineData("cluster ls", "list")]
    [InlineData("node ls", "list")]
    [InlineData("service ls", "list")]
    [InlineData("task ls", "list")]
    [InlineData("secret ls", "list")]
    [InlineData("config ls", "list")]
    [InlineData("network ls", "list")]
    [InlineData("node remove", "rm")]
    [InlineData("service remove", "rm")]
    [InlineData("task remove", "rm")]
    [InlineData("secret remove", "rm")]
    [InlineData("config remove", "rm")]
    [InlineData("network remove", "rm")]
    public void Command_HasItsOtherName(string command, string other)
    {
        string[] path = command.Split(' ');
        Command group = Sub(Root(), path[0]);

        Assert.Same(Sub(group, path[1]), Sub(group, other));
    }

    [Fact]
    public void Root_HasTheGlobalFlags()
    {
        RootCommand root = Root();

        Assert.Empty(((string[])["-s", "--socket", "-n", "--no-resolve"]).Except(Names(root.Options.Where(static o => o.Recursive))));
        Assert.NotNull(Sub(root, "version"));
    }

    private static RootCommand Root() => App.Build(new Cli(
        TextWriter.Null, TextWriter.Null, TimeProvider.System, static _ => throw new InvalidOperationException("nothing is run"), live: false));

    private static Command Sub(Command command, string name) =>
        Assert.Single(command.Subcommands, c => c.Name == name || c.Aliases.Contains(name));

    private static IEnumerable<string> Names(IEnumerable<Option> options) => options.SelectMany(static o => o.Aliases.Prepend(o.Name));
}
