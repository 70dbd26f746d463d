// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Agent.Assignments;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;

namespace Swarm.Agent.Tests.Assignments;

public sealed class AssignmentsMachineTests
{
    [Fact]
    public void Step_Complete_PutsDependenciesBeforeTasks()
    {
        var machine = new AssignmentsMachine([]);
        machine.BeginStream();
        var outputs = machine.Step(Samples.Complete(
            "1", Samples.Put(Samples.Task("t1")), Samples.Put(new Secret { Id = "x" }), Samples.Put(new Config { Id = "c" })));
        Assert.Equal(["+secret x", "+config c", "+task t1"], outputs.Select(Text));
    }

    [Fact]
    public void Step_Complete_ReplacesWhatWasThere()
    {
        var machine = new AssignmentsMachine(["old", "kept"]);
        machine.BeginStream();
        var outputs = machine.Step(Samples.Complete("1", Samples.Put(Samples.Task("kept")), Samples.Put(Samples.Task("new"))));
        Assert.Equal(["+task kept", "+task new", "-task old"], outputs.Select(Text));
    }

    [Fact]
    public void Step_IncrementalInChain_PatchesAndRemovesDependenciesLast()
    {
        var machine = new AssignmentsMachine([]);
        machine.BeginStream();
        machine.Step(Samples.Complete("1", Samples.Put(Samples.Task("t1")), Samples.Put(new Secret { Id = "x" })));
        var outputs = machine.Step(Samples.Incremental(
            "1", "2", Samples.RemoveSecret("x"), Samples.RemoveTask("t1"), Samples.Put(Samples.Task("t2")), Samples.RemoveTask("unknown")));
        Assert.Equal(["+task t2", "-task t1", "-secret x"], outputs.Select(Text));
        Assert.Empty(machine.Step(Samples.Incremental("2", "3")));
    }

    [Fact]
    public void Step_Gap_ChangesNothingUntilACompleteSet()
    {
        var machine = new AssignmentsMachine([]);
        machine.BeginStream();
        machine.Step(Samples.Complete("1", Samples.Put(Samples.Task("t1"))));
        Assert.Equal(["gap 1 3"], machine.Step(Samples.Incremental("3", "4", Samples.RemoveTask("t1"))).Select(Text));
        Assert.Equal(["gap a complete set 4"], machine.Step(Samples.Incremental("4", "5", Samples.RemoveTask("t1"))).Select(Text));
        machine.BeginStream();
        Assert.Equal(["-task t1"], machine.Step(Samples.Complete("9")).Select(Text));
    }

    [Fact]
    public void Step_NewStreamBeginsIncremental_IsAGap()
    {
        var machine = new AssignmentsMachine([]);
        machine.BeginStream();
        machine.Step(Samples.Complete("1"));
        machine.BeginStream();
        Assert.Equal(["gap a complete set 1"], machine.Step(Samples.Incremental("1", "2")).Select(Text));
    }

    [Fact]
    public void Step_AnyMessages_FollowsTheModel()
    {
        // A message: complete or not, in chain or not, with puts and removals of tasks and secrets.
        Gen<(bool Complete, bool InChain, (bool Task, bool Put, int Id)[] Changes)> message = Gen.Select(
            Gen.Bool,
            Gen.Frequency((9, Gen.Const(true)), (1, Gen.Const(false))),
            Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 4]).Array[0, 6]);
        message.Array[1, 20].Sample(messages =>
        {
            var machine = new AssignmentsMachine([]);
            machine.BeginStream();
            SortedSet<string> model = [], actual = [];
            string? token = null;
            int next = 0;
            foreach (var (complete, inChain, changes) in messages)
            {
                string results = $"{++next}";
                AssignmentChange[] wire = [.. changes.Select(ToWire)];
                string applies = inChain ? token ?? "none" : "elsewhere";
                var outputs = machine.Step(complete ? Samples.Complete(results, wire) : Samples.Incremental(applies, results, wire));
                if (!complete && applies != token)
                {
                    Assert.IsType<AssignmentOutput.Gap>(Assert.Single(outputs));
                    machine.BeginStream();
                    token = null;
                    continue;
                }

                token = results;
                Model(model, complete, changes);
                CheckOrder(outputs);
                foreach (AssignmentOutput output in outputs)
                {
                    string text = Text(output);
                    Assert.True(text[0] == '+' ? actual.Add(text[1..]) || true : actual.Remove(text[1..]), text);
                }

                Assert.Equal(model, actual);
            }
        });
    }

    private static void Model(SortedSet<string> model, bool complete, (bool Task, bool Put, int Id)[] changes)
    {
        if (complete)
        {
            model.Clear();
        }

        foreach ((bool task, bool put, int id) in changes)
        {
            string name = $"{(task ? "task" : "secret")} {id}";
            if (put)
            {
                model.Add(name);
            }
            else if (!complete)
            {
                model.Remove(name);
            }
        }
    }

    private static void CheckOrder(IReadOnlyList<AssignmentOutput> outputs)
    {
        int[] ranks = [.. outputs.Select(static output => output switch
        {
            AssignmentOutput.SecretPut or AssignmentOutput.ConfigPut => 0,
            AssignmentOutput.TaskPut => 1,
            AssignmentOutput.TaskGone => 2,
            _ => 3,
        })];
        Assert.Equal(ranks.Order(), ranks);
    }

    private static AssignmentChange ToWire((bool Task, bool Put, int Id) change) => (change.Task, change.Put) switch
    {
        (true, true) => Samples.Put(Samples.Task($"{change.Id}")),
        (true, false) => Samples.RemoveTask($"{change.Id}"),
        (false, true) => Samples.Put(new Secret { Id = $"{change.Id}" }),
        (false, false) => Samples.RemoveSecret($"{change.Id}"),
    };

    private static string Text(AssignmentOutput output) => output switch
    {
        AssignmentOutput.SecretPut put => $"+secret {put.Secret.Id}",
        AssignmentOutput.ConfigPut put => $"+config {put.Config.Id}",
        AssignmentOutput.TaskPut put => $"+task {put.Task.Id}",
        AssignmentOutput.TaskGone gone => $"-task {gone.Id}",
        AssignmentOutput.SecretGone gone => $"-secret {gone.Id}",
        AssignmentOutput.ConfigGone gone => $"-config {gone.Id}",
        AssignmentOutput.Gap gap => $"gap {gap.Expected} {gap.Got}",
        _ => throw new InvalidOperationException(output.ToString()),
    };
}
