// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;

namespace Swarm.Store.Tests.Support;

/// <summary>
/// Lives off what another controller writes: each service has a config that says how many of its tasks run, and goes with it.
/// It counts what it is told of and never looks again, so a change it did not hear of, or one that was taken back with its
/// reign, stays in its count.
/// </summary>
internal sealed class TallyController : IController
{
    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _dirty = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);

    public string Name => "tally";

    public static string IdOf(string serviceId) => "tally-" + serviceId;

    public void Begin(IControllerStart start)
    {
        _services.UnionWith(start.Head.All<Service>().Select(s => s.Id));
        _dirty.UnionWith(_services);
        _dirty.UnionWith(start.Head.ByIdPrefix<Config>(IdOf("")).Select(c => c.Id[IdOf("").Length..]));
        foreach (Api.Task task in start.Head.All<Api.Task>())
        {
            Count(task, 1);
        }
    }

    public void Observe(in StoreChange change, IStoreReader head)
    {
        switch (change.Subject)
        {
            case Service service:
                _ = change.New is null ? _services.Remove(service.Id) : _services.Add(service.Id);
                _dirty.Add(service.Id);
                break;
            case Api.Task:
                Count(change.Old as Api.Task, -1);
                Count(change.New as Api.Task, 1);
                break;
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

    private void Count(Api.Task? task, int sign)
    {
        if (task is { Status.State: TaskState.Running })
        {
            _running[task.ServiceId] = _running.GetValueOrDefault(task.ServiceId) + sign;
            _dirty.Add(task.ServiceId);
        }
    }

    private void Write(IStoreTransaction tx, string serviceId)
    {
        Config? old = tx.Get<Config>(IdOf(serviceId));
        if (!_services.Contains(serviceId))
        {
            if (old is not null)
            {
                tx.Remove<Config>(old.Id);
            }

            return;
        }

        string text = _running.GetValueOrDefault(serviceId).ToString(CultureInfo.InvariantCulture);
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
