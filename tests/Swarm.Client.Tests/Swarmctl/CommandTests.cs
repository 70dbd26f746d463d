// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Client.Tests.Swarmctl;

/// <summary>Whole command lines against a real control service.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Cluster_LsInspectUpdate()
    {
        await using TestManager manager = await TestManager.StartAsync();
        await PutClusterAsync(manager);

        Assert.Equal("ID       Name\n--       ----\ncluster  default\n", (await manager.CtlAsync("cluster", "ls")).Succeeded().Output);
        Assert.Equal("cluster\n", (await manager.CtlAsync("cluster", "list", "-q")).Succeeded().Output);
        Assert.Equal(
            """
            ID          : cluster
            Name        : default
            Orchestration settings:
              Task history entries: 5
            Dispatcher settings:
              Dispatcher heartbeat period: 5s
            Certificate Authority settings:
              Certificate Validity Duration: 2160h0m0s
              Join Tokens:
                Worker: old-worker
                Manager: old-manager

            """,
            (await manager.CtlAsync("cluster", "inspect", "default")).Succeeded().Output);

        CtlResult updated = await manager.CtlAsync(
            "cluster", "update", "default", "--heartbeatperiod", "3s", "--certexpiry", "24h",
            "--taskhistory", "7", "--rotate-join-token", "worker");

        Assert.Equal("cluster\n", updated.Succeeded().Output);
        string inspected = (await manager.CtlAsync("cluster", "inspect", "default")).Output;
        Assert.Contains("heartbeat period: 3s\n", inspected, StringComparison.Ordinal);
        Assert.Contains("Validity Duration: 24h0m0s\n", inspected, StringComparison.Ordinal);
        Assert.Contains("history entries: 7\n", inspected, StringComparison.Ordinal);
        Assert.Contains("Worker: SWMTKN-1-", inspected, StringComparison.Ordinal);
        Assert.Contains("Manager: old-manager", inspected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_MadeAnewAfterAFailure_ErrorOfTheOneBeforeIsShown()
    {
        await using TestManager manager = await TestManager.StartAsync();
        await manager.PutAsync(Samples.Node("n1", "node-1"));
        string id = (await manager.CtlAsync("service", "create", "--name", "web", "--image", "none:1")).Succeeded().Output.Trim();
        Service service = manager.Writer.Committed.Get<Service>(id)!;
        Api.Task failed = Samples.Task("t1", service, state: TaskState.Rejected, err: "no such image");
        failed.DesiredState = TaskState.Shutdown;
        Api.Task other = Samples.Task("t2", service, slot: 2, state: TaskState.Failed, err: "another slot's");
        other.DesiredState = TaskState.Shutdown;
        other.Status.Timestamp.Seconds -= 60;
        await manager.PutAsync(failed);
        await manager.PutAsync(other);
        await manager.PutAsync(Samples.Task("t3", service, state: TaskState.Preparing));

        Assert.Equal(
            """
            ID  Service  Desired State  Last State                Node    Error
            --  -------  -------------  ----------                ----    -----
            t3  web.1    RUNNING        PREPARING 30 seconds ago  node-1  the one before: no such image

            """,
            (await manager.CtlAsync("task", "ls")).Succeeded().Output);
        Assert.Contains(
            """
            Last Error        |
             Task             : t1
             Node             : node-1
             State            : REJECTED 30 seconds ago
             Reason           : no such image
            Template          |
            """.Replace("|", "", StringComparison.Ordinal),
            (await manager.CtlAsync("service", "inspect", "web")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_UnlockKey_ComesLater()
    {
        await using TestManager manager = await TestManager.StartAsync();

        (await manager.CtlAsync("cluster", "unlock-key", "default")).FailedSaying("later version");
    }

    [Fact]
    public async Task Service_CreateLsInspectUpdateRm()
    {
        await using TestManager manager = await TestManager.StartAsync();
        await manager.PutAsync(Samples.Node("n1", "node-1"));
        string id = (await manager.CtlAsync(
            "service", "create", "--name", "web", "--image", "busybox:local", "--command", "/bin/sleep",
            "--args", "100000", "--label", "x=y")).Succeeded().Output.Trim();
        Service service = manager.Writer.Committed.Get<Service>(id)!;
        await manager.PutAsync(Samples.Task("tjptcd37f9hvjodt0ilkaqnjo", service));

        Assert.Equal(
            $"""
            ID                         Name  Image          Replicas
            --                         ----  -----          --------
            {id}  web   busybox:local  1/1

            """,
            (await manager.CtlAsync("service", "ls")).Succeeded().Output);
        Assert.Equal(
            $"""
            ID                : {id}
            Name              : web
            Labels            |
              x               : y
            Replicas          : 1/1
            Template          |
             Container        |
              Image           : busybox:local
              Command         : "/bin/sleep"
              Args            : [100000]

            Task ID                      Service    Slot    Image            Desired State    Last State                Node
            -------                      -------    ----    -----            -------------    ----------                ----
            tjptcd37f9hvjodt0ilkaqnjo    web        1       busybox:local    RUNNING          RUNNING 30 seconds ago    node-1

            """.Replace("|", "", StringComparison.Ordinal),
            (await manager.CtlAsync("service", "inspect", "web")).Succeeded().Output);
        Assert.Equal(
            """
            ID                         Service  Desired State  Last State              Node
            --                         -------  -------------  ----------              ----
            tjptcd37f9hvjodt0ilkaqnjo  web.1    RUNNING        RUNNING 30 seconds ago  node-1

            """,
            (await manager.CtlAsync("task", "ls")).Succeeded().Output);

        (await manager.CtlAsync("service", "update", "web", "--replicas", "3")).Succeeded();
        Assert.Equal(3UL, manager.Writer.Committed.Get<Service>(id)!.Spec.Replicated.Replicas);
        (await manager.CtlAsync("service", "update", "web", "--rollback")).Succeeded();
        Assert.Equal(1UL, manager.Writer.Committed.Get<Service>(id)!.Spec.Replicated.Replicas);
        Assert.Equal("web\n", (await manager.CtlAsync("service", "rm", "web")).Succeeded().Output);
        Assert.Equal(0, manager.Writer.Committed.Count<Service>());
    }

    [Fact]
    public async Task Process_WithASecret_ShowsItsCommand()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Secret secret = await manager.Client.Secrets.CreateAsync(
            new SecretSpec { Annotations = new Annotations { Name = "pw" }, Data = ByteString.CopyFromUtf8("x") },
            TestContext.Current.CancellationToken);

        string id = (await manager.CtlAsync(
            "service", "create", "--name", "web", "--runtime", "process", "--command", "/bin/web",
            "--secret", "pw", "--replicas", "2")).Succeeded().Output.Trim();

        Service service = manager.Writer.Committed.Get<Service>(id)!;
        Assert.Equal(
            new ResourceReference { ResourceId =
                secret.Id, ResourceType = ResourceType.Secret }, Assert.Single(service.Spec.Task.ResourceReferences));
        Assert.Contains("  web   /bin/web  0/2\n", (await manager.CtlAsync("service", "ls")).Output, StringComparison.Ordinal);
        Assert.Contains(
            "  Command        : \"/bin/web\"\n",
            (await manager.CtlAsync("service", "inspect", "web")).Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "\"command\": \"/bin/web\"",
            (await manager.CtlAsync("service", "inspect", "web", "--format", "json")).Output,
            StringComparison.Ordinal);
        (await manager.CtlAsync("service", "update", "web", "--env", "A=1")).Succeeded();
        Assert.Single(manager.Writer.Committed.Get<Service>(id)!.Spec.Task.ResourceReferences);
    }

    [Fact]
    public async Task Task_ThatWaits_SaysWhyInAColumnAfterTheOthers()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Service service = await manager.Client.Services.CreateAsync(Samples.Spec("web"), TestContext.Current.CancellationToken);
        await manager.PutAsync(Samples.Task("t1", service, 1, TaskState.Pending, "", "no suitable node (down on 2 nodes)"));
        Api.Task failed = Samples.Task("t2", service, 2, TaskState.Failed, "", "exit 3");
        failed.DesiredState = TaskState.Shutdown;
        await manager.PutAsync(failed);

        Assert.Equal(
            """
            ID  Service  Desired State  Last State              Node  Error
            --  -------  -------------  ----------              ----  -----
            t1  web.1    RUNNING        PENDING 30 seconds ago        no suitable node (down on 2 nodes)

            """,
            (await manager.CtlAsync("task", "ls")).Succeeded().Output);
        Assert.Contains("exit 3", (await manager.CtlAsync("task", "ls", "--all")).Output, StringComparison.Ordinal);
        Assert.Contains(
            "no suitable node (down on 2 nodes)",
            (await manager.CtlAsync("service", "inspect", "web")).Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "  Error                : exit 3\n",
            (await manager.CtlAsync("task", "inspect", "t2")).Output,
            StringComparison.Ordinal);
        Assert.Equal("t1\n", (await manager.CtlAsync("task", "ls", "-q")).Output);
        Assert.Contains($"{service.Id}.1", (await manager.CtlAsync("-n", "task", "ls")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_Ports_AreShown()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Api.Task task = Samples.Task("t1", Samples.Service());
        task.Status.PortStatus = new PortStatus { Ports = { new PortConfig { TargetPort = 31234, PublishedPort = 31234 } } };
        await manager.PutAsync(task);

        Assert.Contains(": 31234/tcp\n", (await manager.CtlAsync("task", "inspect", "t1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_PortThatTheNodeChooses_IsShownAsChosen()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Api.Task task = Samples.Task("t1", Samples.Service());
        var wanted = new PortConfig { Name = "web", TargetPort = 80, PublishMode = PortConfig.Types.PublishMode.Host };
        task.Endpoint = new Endpoint { Ports = { wanted, new PortConfig { TargetPort = 81, PublishedPort = 8081 } } };
        await manager.PutAsync(task);
        Assert.Contains(": 80/tcp, 8081/tcp -> 81\n", (await manager.CtlAsync("task", "inspect", "t1")).Output, StringComparison.Ordinal);

        Api.Task runs = task.Clone();
        runs.Id = "t2";
        runs.Status.PortStatus = new PortStatus { Ports = { wanted.WithPublishedPort(32768) } };
        await manager.PutAsync(runs);
        Assert.Contains(
            ": 32768/tcp -> 80, 8081/tcp -> 81\n", (await manager.CtlAsync("task", "inspect", "t2")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_LsDrainUpdateInspectRm()
    {
        await using TestManager manager = await TestManager.StartAsync();
        Node node = Samples.Node("n1", "node-1");
        node.ManagerStatus =
            new ManagerStatus { Leader = true, Reachability = RaftMemberStatus.Types.Reachability.Reachable, Addr = "0.0.0.0:4242" };
        await manager.PutAsync(node);
        await manager.PutAsync(Samples.Node("n2", "node-2"));

        (await manager.CtlAsync("node", "drain", "node-2")).Succeeded();
        (await manager.CtlAsync("node", "update", "node-2", "--label", "foo=bar")).Succeeded();

        Assert.Equal(
            """
            ID  Name    Membership  Status  Availability  Manager Status
            --  ----    ----------  ------  ------------  --------------
            n1  node-1  ACCEPTED    READY   ACTIVE        REACHABLE *
            n2  node-2  ACCEPTED    READY   DRAIN         |

            """.Replace("|", "", StringComparison.Ordinal),
            (await manager.CtlAsync("node", "ls")).Succeeded().Output);
        Assert.Contains(
            "Node Labels           : foo=bar\n",
            (await manager.CtlAsync("node", "inspect", "n2")).Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "  Leader               : yes\n",
            (await manager.CtlAsync("node", "inspect", "n1")).Output,
            StringComparison.Ordinal);
        (await manager.CtlAsync("node", "rm", "node-2")).FailedSaying("node n2 is not down and can't be removed");
        (await manager.CtlAsync("node", "rm", "--force", "node-2")).Succeeded();
        (await manager.CtlAsync("node", "promote", "node-1")).FailedSaying("one manager");
    }

    [Fact]
    public async Task SecretAndConfig_CreateLsInspectRm()
    {
        await using TestManager manager = await TestManager.StartAsync();
        string file = Path.Combine(AppContext.BaseDirectory, $"data-{SystemIdSource.Instance.NewId()}");
        await File.WriteAllTextAsync(file, "the-data", TestContext.Current.CancellationToken);
        foreach (string kind in new[] { "secret", "config" })
        {
            string id = (await manager.CtlAsync(kind, "create", "x1", "-f", file)).Succeeded().Output.Trim();

            Assert.Contains($"{id}  x1", (await manager.CtlAsync(kind, "ls")).Output, StringComparison.Ordinal);
            string inspected = (await manager.CtlAsync(kind, "inspect", "x1")).Succeeded().Output;
            Assert.StartsWith($"ID             : {id}\nName           : x1\nCreated        : ", inspected, StringComparison.Ordinal);
            Assert.Equal(kind == "config", inspected.Contains("the-data", StringComparison.Ordinal));
            (await manager.CtlAsync(kind, "create", "x1", "-f", file)).FailedSaying("already exists");
            Assert.Equal(id + "\n", (await manager.CtlAsync(kind, "rm", "x1")).Succeeded().Output);
        }

        File.Delete(file);
        (await manager.CtlAsync("secret", "create", "x1", "-f", file)).FailedSaying(file);
    }

    [Fact]
    public async Task Logs_Lines_SayWhereTheyComeFrom()
    {
        var context = new LogContext { ServiceId = "s1", TaskId = "t1", NodeId = "n1" };
        await using TestManager manager = await TestManager.StartAsync(logs: new LogLines(
            new LogMessage { Context = context, Stream = LogStream.Stdout, Data = ByteString.CopyFromUtf8("hello\n") },
            new LogMessage { Context = context, Stream = LogStream.Stderr, Data = ByteString.CopyFromUtf8("oh") }));
        await manager.PutAsync(Samples.Service());
        await manager.PutAsync(Samples.Node("n1", "node-1"));
        await manager.PutAsync(Samples.Task("t1", Samples.Service()));

        CtlResult result = await manager.CtlAsync("service", "logs", "web");

        Assert.Equal((0, "web.1.t1@node-1    | hello\n", "web.1.t1@node-1    | oh\n"), (result.Exit, result.Output, result.Error));
    }

    [Fact]
    public async Task Logs_TaskAndNodeThatCameLater_AreNamedAsTheOthers()
    {
        var logs = new LogLines(
            new LogMessage { Context = new LogContext { ServiceId = "s1", TaskId = "t2", NodeId = "n2" }, Data = ByteString.CopyFromUtf8("hello\n") });
        await using TestManager manager = await TestManager.StartAsync(logs: logs);
        await manager.PutAsync(Samples.Service());
        logs.Meanwhile = async () =>
        {
            await manager.PutAsync(Samples.Node("n2", "node-2"));
            await manager.PutAsync(Samples.Task("t2", Samples.Service()));
        };

        CtlResult result = await manager.CtlAsync("service", "logs", "--follow", "web");

        Assert.Equal((0, "web.1.t2@node-2    | hello\n"), (result.Exit, result.Output));
    }

    [Fact]
    public async Task Network_LsInspect()
    {
        await using TestManager manager = await TestManager.StartAsync();
        await manager.PutAsync(new Network
        {
            Id = "net1",
            Spec = new NetworkSpec { Annotations = new Annotations { Name = "net1" } },
            DriverState = new Driver { Name = "overlay", Options = { ["vxlanid"] = "4097" } },
        });

        Assert.Equal(
            "ID    Name  Driver\n--    ----  ------\nnet1  net1  overlay\n",
            (await manager.CtlAsync("network", "ls")).Succeeded().Output);
        Assert.Equal(
            """
            ID                   : net1
            Name                 : net1
            Spec:                |
              IPv6Enabled        : false
              Internal           : false
            Driver:              |
              Name               : overlay
              Options:           |
                vxlanid = 4097

            """.Replace("|", "", StringComparison.Ordinal),
            (await manager.CtlAsync("network", "inspect", "net1")).Succeeded().Output);
        (await manager.CtlAsync("network", "create", "--name", "x", "--subnet", "10.0.0.0/24")).FailedSaying("later version");
        (await manager.CtlAsync("network", "rm", "net1")).FailedSaying("later version");
    }

    [Fact]
    public async Task Create_Wait_PrintsLinesUntilConverged()
    {
        await using TestManager manager = await TestManager.StartAsync();

        CtlResult none = await manager.CtlAsync("service", "create", "--name", "web", "--image", "nginx", "--replicas", "0", "--wait");
        CtlResult never =
            await manager.CtlAsync("service", "create", "--name", "two", "--image", "nginx", "--wait", "--wait-timeout", "10s");

        Assert.EndsWith("\nweb: 0/0 running, converged\n", none.Succeeded().Output, StringComparison.Ordinal);
        Assert.EndsWith("\ntwo: 0/1 running, converging\n", never.Output, StringComparison.Ordinal);
        Assert.Equal("Error: service two: 0/1 tasks run after 10 s\n", never.Error);
        Assert.Equal(1, never.Exit);
    }

    [Theory]
    [InlineData("service nothere not found", "service", "inspect", "nothere")]
    [InlineData("task nothere not found", "task", "inspect", "nothere")]
    [InlineData("node nothere not found", "node", "inspect", "nothere")]
    [InlineData("name must be valid as a DNS name component", "service", "create", "--name", "bad_name!", "--image", "x")]
    [InlineData("--name and --image are mandatory", "service", "create", "--name", "noimg")]
    [InlineData("arg", "task", "ls", "glob")]
    [InlineData("--nonsense", "node", "ls", "--nonsense")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("give a duration", "cluster", "update", "default", "--heartbeatperiod", "3")]
    [InlineData("both", "cluster", "update", "default", "--rotate-join-token", "both")]
    public async Task Mistakes_AreOneClearError(string text, params string[] arguments)
    {
        await using TestManager manager = await TestManager.StartAsync();
        CtlResult result = await manager.CtlAsync(arguments);

        result.FailedSaying(text);
    }

    [Theory]
    [InlineData("node")]
    [InlineData("service", "create", "--help")]
    [InlineData("--help")]
    public async Task Help_IsPrinted(params string[] arguments)
    {
        await using TestManager manager = await TestManager.StartAsync();

        Assert.Contains("Usage:", (await manager.CtlAsync(arguments)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_SaysNothingAndExitsAsShellsHaveIt()
    {
        await using TestManager manager = await TestManager.StartAsync();
        using var interrupt = new CancellationTokenSource();
        await interrupt.CancelAsync();

        CtlResult result = await manager.CtlAsync(interrupt.Token, "node", "ls");

        Assert.Equal((130, "", ""), (result.Exit, result.Output, result.Error));
    }

    [Fact]
    public async Task Version_IsPrinted()
    {
        await using TestManager manager = await TestManager.StartAsync();

        Assert.StartsWith("swarmctl Swarm.Client ", (await manager.CtlAsync("version")).Succeeded().Output, StringComparison.Ordinal);
    }

    private static Task PutClusterAsync(TestManager manager) => manager.PutAsync(new Cluster
    {
        Id = "cluster",
        Spec = new ClusterSpec { Annotations = new Annotations { Name = "default" } },
        RootCa = new RootCA { CaCert = manager.RootPem, JoinTokens = new JoinTokens { Worker = "old-worker", Manager = "old-manager" } },
    });
}
