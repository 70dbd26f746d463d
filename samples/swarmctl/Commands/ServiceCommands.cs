// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Swarm.Api;
using Swarm.Client;
using Swarm.Samples.Swarmctl.Flags;
using Swarm.Samples.Swarmctl.Output;
using ServiceStatus = Swarm.Api.ListServiceStatusesResponse.Types.ServiceStatus;

namespace Swarm.Samples.Swarmctl.Commands;

/// <summary><c>swarmctl service …</c>.</summary>
internal static class ServiceCommands
{
    /// <summary>Makes the commands.</summary>
    /// <param name="cli">The surroundings.</param>
    /// <returns>The group.</returns>
    public static Command Build(Cli cli) => Cli.Group(
        "service", "Service management", Create(cli), Inspect(cli), List(cli), LogsCommand.Build(cli), Remove(cli), Update(cli));

    private static Argument<string> Id() => new("service ID") { Description = "ID or name of the service, or the beginning of its ID" };

    private static Command Create(Cli cli)
    {
        var flags = new ServiceFlags();
        var wait = new WaitFlags();
        return cli.Leaf("create", "Create a service", [.. flags.ForCreate, .. wait.Symbols], async run =>
        {
            ServiceSpec spec = new ServiceSpecMapper(flags, run.Result).Create();
            await ReferenceResolver.FillAsync(run.Client, spec.Task, run.Cancellation);
            Service service = await run.Client.Services.CreateAsync(spec, run.Cancellation);
            run.Output.WriteLine(service.Id);
            await wait.WaitAsync(run, service.Id);
        });
    }

    private static Command Update(Cli cli)
    {
        Argument<string> id = Id();
        var flags = new ServiceFlags();
        var wait = new WaitFlags();
        Option<bool> rollback = new("--rollback") { Description = "Go back to the spec before the last update" };
        return cli.Leaf("update", "Update a service", [id, rollback, .. flags.ForUpdate, .. wait.Symbols], async run =>
        {
            Service service = await run.Client.Services.ResolveAsync(run.Get(id), run.Cancellation);
            if (run.Get(rollback))
            {
                service = await run.Client.Services.RollBackAsync(service.Id, run.Cancellation);
            }
            else
            {
                var mapper = new ServiceSpecMapper(flags, run.Result);

                // Names are looked up once, on a draft; the write then starts from whatever is stored by then.
                TaskSpec draft = Draft(mapper, service);
                await ReferenceResolver.FillAsync(run.Client, draft, run.Cancellation);
                service = await run.Client.Services.UpdateAsync(service.Id, spec => Change(mapper, spec, draft), run.Cancellation);
            }

            run.Output.WriteLine(service.Id);
            await wait.WaitAsync(run, service.Id);
        });
    }

    private static TaskSpec Draft(ServiceSpecMapper mapper, Service service)
    {
        ServiceSpec draft = service.Spec.Clone();
        mapper.Apply(draft);
        return draft.Task;
    }

    private static void Change(ServiceSpecMapper mapper, ServiceSpec spec, TaskSpec draft)
    {
        mapper.Apply(spec);
        SpecFlags.Replace(spec.Task.Networks, draft.Networks);
        SpecFlags.Replace(spec.Task.ResourceReferences, draft.ResourceReferences);
        if (spec.Task.Container is { } container && draft.Container is { } resolved)
        {
            SpecFlags.Replace(container.Secrets, resolved.Secrets);
            SpecFlags.Replace(container.Configs, resolved.Configs);
        }
    }

    private static Command Inspect(Cli cli)
    {
        Argument<string> id = Id();
        Option<bool> all = new("--all", "-a") { Description = "Show all tasks (default shows just running)" };
        var format = new FormatFlag();
        return cli.Leaf("inspect", "Inspect a service", [id, all, format.Option], async run =>
        {
            Service service = await run.Client.Services.ResolveAsync(run.Get(id), run.Cancellation);
            if (format.IsJson(run.Result))
            {
                Json.Write(run.Output, service);
                return;
            }

            IReadOnlyList<Api.Task> tasks = await run.Client.Tasks.ListAsync(new() { ServiceIds = { service.Id } }, run.Cancellation);
            Names names = await run.ReadNamesAsync();
            ServiceFields.Of(service, tasks, names, run.Now).WriteTo(run.Output);
            Api.Task[] shown = [.. tasks.Where(t => run.Get(all) || TaskTables.IsCurrent(t))];
            if (shown.Length > 0)
            {
                run.Output.WriteLine();
                TaskTables.Inspect(shown, tasks, names, run.Now).WriteTo(run.Output);
            }
        });
    }

    private static Command List(Cli cli)
    {
        var flags = new ListFlags();
        Command command = cli.Leaf("ls", "List services", flags.Symbols, async run =>
        {
            IReadOnlyList<Service> services = await run.Client.Services.ListAsync(cancellationToken: run.Cancellation);
            IReadOnlyList<ServiceStatus> statuses = run.Get(flags.Quiet)
                ? []
                : await run.Client.Services.GetStatusesAsync(services.Select(static s => s.Id), run.Cancellation);
            run.PrintList(flags, services, static s => s.Id, () => Table(services, statuses));
        });
        command.Aliases.Add("list");
        return command;
    }

    private static TextTable Table(IEnumerable<Service> services, IEnumerable<ServiceStatus> statuses)
    {
        Dictionary<string, ServiceStatus> byId = statuses.ToDictionary(static s => s.ServiceId);
        var table = new TextTable(TextTable.ListGap, "ID", "Name", "Image", "Replicas");
        foreach (Service service in services)
        {
            ulong running = byId.TryGetValue(service.Id, out ServiceStatus? status) ? status.RunningTasks : 0;
            table.Add(
                service.Id,
                service.Spec?.Annotations?.Name ?? "",
                Work.Of(service.Spec?.Task),
                ServiceFields.Replicas(service, running.ToString(CultureInfo.InvariantCulture)));
        }

        return table;
    }

    private static Command Remove(Cli cli)
    {
        Argument<string> id = Id();
        Command command = cli.Leaf("remove", "Remove a service", [id], async run =>
        {
            Service service = await run.Client.Services.ResolveAsync(run.Get(id), run.Cancellation);
            await run.Client.Services.RemoveAsync(service.Id, run.Cancellation);
            run.Output.WriteLine(run.Get(id));
        });
        command.Aliases.Add("rm");
        return command;
    }
}
