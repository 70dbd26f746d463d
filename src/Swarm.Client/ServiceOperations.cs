// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Client;

/// <summary>Services: wishes of the kind "five of these, always". Thread-safe.</summary>
public sealed class ServiceOperations
{
    private readonly ApiCalls _calls;
    private readonly TaskOperations _tasks;
    private readonly TimeProvider _time;

    internal ServiceOperations(ApiCalls calls, TaskOperations tasks, TimeProvider time)
    {
        _calls = calls;
        _tasks = tasks;
        _time = time;
    }

    /// <summary>Gets a service.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="insertDefaults">Whether what the spec leaves unset is filled in.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The service.</returns>
    /// <exception cref="SwarmException">There is none, or the call failed.</exception>
    public async Task<Service> GetAsync(string id, bool insertDefaults = false, CancellationToken cancellationToken = default)
    {
        var request = new GetServiceRequest { ServiceId = id, InsertDefaults = insertDefaults };
        return (await ApiCalls.CallAsync(_calls.Control.GetServiceAsync(request, cancellationToken: cancellationToken))).Service;
    }

    /// <summary>Finds the service that a person means: by id, else by full name, else by the beginning of the id.</summary>
    /// <param name="reference">What the person wrote.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The service.</returns>
    /// <exception cref="SwarmException">There is none, or more than one.</exception>
    public Task<Service> ResolveAsync(string reference, CancellationToken cancellationToken = default) => ApiCalls.ResolveAsync(
        "service",
        reference,
        id => GetAsync(id, cancellationToken: cancellationToken),
        name => ListAsync(new() { Names = { name } }, cancellationToken),
        prefix => ListAsync(new() { IdPrefixes = { prefix } }, cancellationToken));

    /// <summary>Lists services.</summary>
    /// <param name="filters">Which; all when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The services by id.</returns>
    /// <exception cref="SwarmException">The call failed.</exception>
    public Task<IReadOnlyList<Service>> ListAsync(
        ListServicesRequest.Types.Filters? filters = null, CancellationToken cancellationToken = default) => ApiCalls.ListAsync<Service>(
            async prefix =>
            {
                ListServicesRequest.Types.Filters asked = filters ?? new();
                var request = new ListServicesRequest { Filters = prefix is null ? asked : asked.WithIdPrefixes([prefix]) };
                return (await ApiCalls.CallAsync(_calls.Control.ListServicesAsync(request, cancellationToken: cancellationToken))).Services;
            },
            filters is not { IdPrefixes.Count: > 0 });

    /// <summary>Creates a service.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="cancellationToken">Ends the call; the service may exist all the same.</param>
    /// <returns>The service as stored.</returns>
    /// <exception cref="SwarmException">The spec breaks a rule, the name is taken, or the call failed.</exception>
    public async Task<Service> CreateAsync(ServiceSpec spec, CancellationToken cancellationToken = default) =>
        (await ApiCalls.CallAsync(_calls.Control.CreateServiceAsync(
            new CreateServiceRequest { Spec = spec }, cancellationToken: cancellationToken))).Service;

    /// <summary>Changes a service: reads, changes and writes it; again, up to five times, if another was faster.</summary>
    /// <param name="id">The service.</param>
    /// <param name="change">Changes the spec in place; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The service as stored.</returns>
    /// <exception cref="SwarmException">The new spec breaks a rule, or the call failed.</exception>
    public Task<Service> UpdateAsync(string id, Action<ServiceSpec> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ApiCalls.ReadModifyWriteAsync(async () =>
        {
            Service service = await GetAsync(id, cancellationToken: cancellationToken);
            ServiceSpec spec = service.Spec.Clone();
            change(spec);
            var request = new UpdateServiceRequest { ServiceId = id, ServiceVersion = service.Meta.Version, Spec = spec };
            return (await ApiCalls.CallAsync(_calls.Control.UpdateServiceAsync(request, cancellationToken: cancellationToken))).Service;
        });
    }

    /// <summary>Goes back to the spec before the last update.</summary>
    /// <param name="id">The service.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The service as stored.</returns>
    /// <exception cref="SwarmException">There is no previous spec, or the call failed.</exception>
    public Task<Service> RollBackAsync(string id, CancellationToken cancellationToken = default) =>
        ApiCalls.ReadModifyWriteAsync(async () =>
        {
            Service service = await GetAsync(id, cancellationToken: cancellationToken);
            var request = new UpdateServiceRequest
            {
                ServiceId = id,
                ServiceVersion = service.Meta.Version,
                Spec = service.Spec,
                Rollback = UpdateServiceRequest.Types.Rollback.Previous,
            };
            return (await ApiCalls.CallAsync(_calls.Control.UpdateServiceAsync(request, cancellationToken: cancellationToken))).Service;
        });

    /// <summary>Counts the running tasks of services.</summary>
    /// <param name="ids">The services.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts, in the order of the ids; zero for a service that does not exist.</returns>
    /// <exception cref="SwarmException">The call failed.</exception>
    public async Task<IReadOnlyList<ListServiceStatusesResponse.Types.ServiceStatus>> GetStatusesAsync(
        IEnumerable<string> ids, CancellationToken cancellationToken = default)
    {
        var request = new ListServiceStatusesRequest { Services = { ids } };
        return (await ApiCalls.CallAsync(_calls.Control.ListServiceStatusesAsync(request, cancellationToken: cancellationToken))).Statuses;
    }

    /// <summary>Removes a service. Its tasks are stopped after that.</summary>
    /// <param name="id">The service.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Ends when it is removed.</returns>
    /// <exception cref="SwarmException">There is none, or the call failed.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) => ApiCalls.CallAsync(
        _calls.Control.RemoveServiceAsync(new RemoveServiceRequest { ServiceId = id }, cancellationToken: cancellationToken));

    /// <summary>Looks how far a service has come.</summary>
    /// <param name="id">The service.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What there is to see now.</returns>
    /// <exception cref="SwarmException">There is none, or the call failed.</exception>
    public async Task<ServiceProgress> GetProgressAsync(string id, CancellationToken cancellationToken = default)
    {
        Service service = await GetAsync(id, cancellationToken: cancellationToken);
        IReadOnlyList<Api.Task> tasks = await _tasks.ListAsync(new() { ServiceIds = { id } }, cancellationToken);
        return ServiceProgress.Of(service, tasks);
    }

    /// <summary>Waits until a service is what its spec says.</summary>
    /// <param name="id">The service.</param>
    /// <param name="options">How long and how often to look; the defaults when left out.</param>
    /// <param name="progress">Is told of each change, in the flow of the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last look, converged.</returns>
    /// <exception cref="SwarmException">
    /// The update paused (FailedPrecondition), the time ran out (DeadlineExceeded, with the last reason), the service is gone,
    /// or a call failed.
    /// </exception>
    public async Task<ServiceProgress> WaitAsync(
        string id, ServiceWaitOptions? options =
            null, IProgress<ServiceProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new ServiceWaitOptions();
        options.Validate();
        DateTimeOffset start = _time.GetUtcNow();
        DateTimeOffset? convergedAt = null;
        ServiceProgress? last = null;
        while (true)
        {
            ServiceProgress seen = await GetProgressAsync(id, cancellationToken);
            if (seen != last)
            {
                progress?.Report(seen);
                last = seen;
            }

            DateTimeOffset now = _time.GetUtcNow();
            convergedAt = seen.Phase == ServicePhase.Converged ? convergedAt ?? now : null;
            if (now - convergedAt >= options.StableFor)
            {
                return seen;
            }

            Refuse(seen, now - start, options.Timeout);
            await Task.Delay(options.PollInterval, _time, cancellationToken);
        }
    }

    private static void Refuse(ServiceProgress seen, TimeSpan waited, TimeSpan timeout)
    {
        if (seen.Phase == ServicePhase.Paused)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"service {seen.Name}: {seen.Reason}");
        }

        if (waited >= timeout)
        {
            string seconds = waited.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            string reason = seen.Reason.Length == 0 ? "" : $" ({seen.Reason})";
            throw new SwarmException(
                SwarmErrorCode.DeadlineExceeded, $"service {seen.Name}: {seen.Running}/{seen.Desired} tasks run after {seconds} s{reason}");
        }
    }
}
