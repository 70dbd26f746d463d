// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Store;
using static Swarm.Api.AssignmentChange.Types;

namespace Swarm.Manager.Tests.Dispatching;

/// <summary>What a node holds after applying the messages it got, with the rules a node relies on.</summary>
internal sealed class AgentModel
{
    private string _state = "";

    public SortedDictionary<string, Api.Task> Tasks { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, IMessage> Dependencies { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Stopped { get; } = [];

    public void Apply(AssignmentsMessage message, IStoreReader view)
    {
        if (message.Type == AssignmentsMessage.Types.Type.Complete)
        {
            Assert.Equal("", message.AppliesTo);
            var kept = message.Changes.Where(change => change.Assignment.Task is not null)
                .Select(change => change.Assignment.Task.Id).ToHashSet();
            Stopped.UnionWith(Tasks.Keys.Where(id => !kept.Contains(id)));
            Tasks.Clear();
            Dependencies.Clear();
        }
        else
        {
            Assert.Equal(_state, message.AppliesTo);
            Assert.NotEqual(_state, message.ResultsIn);
        }

        _state = message.ResultsIn;
        foreach (AssignmentChange change in message.Changes)
        {
            Apply(change, message.Type, view);
        }
    }

    private void Apply(AssignmentChange change, AssignmentsMessage.Types.Type type, IStoreReader view)
    {
        bool update = change.Action == AssignmentAction.Update;
        switch (change.Assignment.ItemCase)
        {
            case Assignment.ItemOneofCase.Task when update:
                Api.Task task = change.Assignment.Task;
                Tasks[task.Id] = task;

                // What runs already has its own; a first message that is cut may bring it later.
                if (task.Status.State <= (type == AssignmentsMessage.Types.Type.Complete ? TaskState.Starting : TaskState.Running))
                {
                    IEnumerable<DependencyKey> there = TaskAssignments.Dependencies(task).Where(key =>
                        key.Kind == ResourceType.Secret ? view.Get<Secret>(key.Id) is not null : view.Get<Config>(key.Id) is not null);
                    Assert.All(there, key => Assert.Contains(Key(key.Kind, key.Id), Dependencies.Keys));
                }

                break;
            case Assignment.ItemOneofCase.Task:
                Assert.Equal(new Api.Task { Id = change.Assignment.Task.Id }, change.Assignment.Task);
                Assert.True(Tasks.Remove(change.Assignment.Task.Id));
                break;
            case Assignment.ItemOneofCase.Secret:
                Set(Key(ResourceType.Secret, change.Assignment.Secret.Id), change.Assignment.Secret, update);
                break;
            case Assignment.ItemOneofCase.Config:
                Set(Key(ResourceType.Config, change.Assignment.Config.Id), change.Assignment.Config, update);
                break;
            default:
                Assert.Fail("an empty change");
                break;
        }
    }

    public static string Key(ResourceType kind, string id) => kind + "/" + id;

    private void Set(string key, IMessage dependency, bool update)
    {
        if (update)
        {
            Dependencies[key] = dependency;
        }
        else
        {
            Assert.True(Dependencies.Remove(key));
        }
    }
}
