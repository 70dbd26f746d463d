// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;

namespace Swarm.Store.Tests.Support;

/// <summary>
/// Lives off what another controller writes: each service has a config that says how many of its tasks run, and goes with it.
/// It looks at nothing that it was not told of, so a change it did not hear of stays wrong.
/// </summary>
internal sealed class TallyController : IController
{
    private readonly SortedSet<string> _dirty = new(StringComparer.Ordinal);

    public string Name => "tally";

    public static string IdOf(string serviceId) => "tally-" + serviceId;

    public void Begin(IControllerStart start)
    {
        _dirty.UnionWith(start.Head.All<Service>().Select(s => s.Id));
        _dirty.UnionWith(start.Head.ByIdPrefix<Config>(IdOf("")).Select(c => c.Id[IdOf("").Length..]));
    }

    public void Observe(in StoreChange change, IStoreReader head)
    {
        if (change.Subject is Service or Api.Task)
        {
            _dirty.Add(change.Subject is Api.Task task ? task.ServiceId : change.Subject.Id);
        }
    }

    public bool Run(IControllerTurn turn)
    {
        foreach (string id in _dirty.ToArray())
        {
            if (!turn.TryAtom(tx => Write(tx, id)))
            {
                return true;
            }

            _dirty.Remove(id);
        }

        return false;
    }

    private static void Write(IStoreTransaction tx, string serviceId)
    {
        Config? old = tx.Get<Config>(IdOf(serviceId));
        if (tx.Get<Service>(serviceId) is null)
        {
            if (old is not null)
            {
                tx.Remove<Config>(old.Id);
            }

            return;
        }

        int running = tx.TasksByService(serviceId).Count(t => t.Status.State == TaskState.Running);
        string text = running.ToString(CultureInfo.InvariantCulture);
        var spec = new ConfigSpec { Annotations = new() { Name = IdOf(serviceId), Labels = { ["running"] = text } } };
        if (old is null)
        {
            tx.Create(new Config { Id = IdOf(serviceId), Spec = spec });
        }
        else if (old.Spec.Annotations.Labels["running"] != text)
        {
            tx.Update(old.WithSpec(spec));
        }
    }
}
