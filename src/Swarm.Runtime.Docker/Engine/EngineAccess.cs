// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;
using Swarm.Core;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>
/// The way to one engine: finds the version of the API that both sides speak, limits the time of each call, and tells "the engine cannot be
/// reached" (Unavailable, try again) from "the engine says no" (<see cref="DockerApiException"/>). Thread-safe.
/// </summary>
internal sealed class EngineAccess(DockerExecutorOptions options, TimeProvider time) : IDisposable
{
    /// <summary>The newest version of the API that this executor was written for.</summary>
    private static readonly EngineApiVersion Newest = new(1, 51);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _endpoint = EndpointOf(options);
    private readonly EngineAddress _address =
        EngineAddress.Of(EndpointOf(options), options.CertificateDirectory, Environment.GetEnvironmentVariable);

    private EngineSession? _session;
    private Task<EngineSession>? _connecting;
    private bool _stale;

    public Uri Endpoint => _endpoint;

    public static Uri EndpointOf(DockerExecutorOptions options)
    {
        if (options.Endpoint is { } given)
        {
            return given;
        }

        string host = Environment.GetEnvironmentVariable(EngineAddress.HostVariable) is { Length: > 0 } set ? set : DockerExecutorOptions.DefaultEndpoint;
        return Uri.TryCreate(host, UriKind.Absolute, out Uri? uri) && EngineAddress.IsKnown(uri)
            ? uri
            : throw new ArgumentException($"{EngineAddress.HostVariable} '{host}' must be {DockerExecutorOptions.Endpoints}.");
    }

    /// <summary>What both sides speak.</summary>
    /// <exception cref="SwarmException">FailedPrecondition: they share no version.</exception>
    public static EngineApiVersion Choose(string? forced, string engineVersion, string? engineNewest, string? engineOldest)
    {
        EngineApiVersion newest = EngineApiVersion.TryParse(engineNewest, out EngineApiVersion high) ? high : default;
        EngineApiVersion oldest = EngineApiVersion.TryParse(engineOldest, out EngineApiVersion low) ? low : default;
        if (newest < EngineApiVersion.Oldest)
        {
            throw Refused($"Docker Engine {engineVersion} is too old: it has API {newest}, needed is {EngineApiVersion.Oldest} (Docker 1.12)");
        }

        EngineApiVersion chosen = forced is null ? (newest < Newest ? newest : Newest) : EngineApiVersion.Parse(forced);
        return chosen > newest || chosen < oldest
            ? throw Refused($"Docker Engine {engineVersion} has API {oldest} to {newest}, but {chosen} is {(forced is null ? "known here" : "asked for")}")
            : chosen;
    }

    /// <summary>What calls are made with. Who needs it while it is being made waits for the same attempt, not one after the other.</summary>
    public Task<EngineSession> ConnectAsync(CancellationToken cancellationToken)
    {
        Task<EngineSession> attempt;
        lock (_lock)
        {
            if (_session is { } session && !_stale)
            {
                return Task.FromResult(session);
            }

            attempt = _connecting ??= OpenAsync(_stop.Token);
        }

        return attempt.WaitAsync(cancellationToken);
    }

    /// <summary>The engine went away: it may come back as another version.</summary>
    public void Invalidate()
    {
        lock (_lock)
        {
            _stale = true;
        }
    }

    public async Task<T> CallAsync<T>(
        Func<DockerClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken, TimeSpan? extra = null)
    {
        EngineSession session = await ConnectAsync(cancellationToken);
        return await LimitAsync(token => call(session.Client, token), options.CallTimeout + (extra ?? TimeSpan.Zero), cancellationToken);
    }

    public Task CallAsync(Func<DockerClient, CancellationToken, Task> call, CancellationToken cancellationToken, TimeSpan? extra = null) =>
        CallAsync<bool>(
            async (client, token) =>
            {
                await call(client, token);
                return true;
            },
            cancellationToken, extra);

    /// <summary>The sentence of an engine's refusal, without its envelope.</summary>
    public static string TextOf(DockerApiException e)
    {
        try
        {
            using JsonDocument body = JsonDocument.Parse(e.ResponseBody ?? "");
            if (body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("message", out JsonElement message)
                && message.GetString() is { Length: > 0 } text)
            {
                return text.Trim().ReplaceLineEndings(" ");
            }
        }
        catch (JsonException)
        {
            // Engines before API 1.24 and proxies answer in plain text.
        }

        return e.ResponseBody is { Length: > 0 } plain ? plain.Trim().ReplaceLineEndings(" ") : e.Message;
    }

    public static bool IsGone(Exception e) => e switch
    {
        HttpRequestException or IOException or SocketException or TimeoutException or ObjectDisposedException => true,

        // An answer that was cut off, or is not one of an engine.
        JsonException => true,

        // One for each address of the engine's host.
        AggregateException several => several.InnerExceptions.All(IsGone),
        DockerApiException { StatusCode: HttpStatusCode.ServiceUnavailable } => true,

        // An engine on its way down has lost its containerd before it closes its own socket.
        DockerApiException { StatusCode: HttpStatusCode.InternalServerError } api =>
            TextOf(api) is var text && (text.Contains("transport is closing", StringComparison.Ordinal)
                || text.Contains("connection error: desc", StringComparison.Ordinal)
                || text.Contains("context canceled", StringComparison.Ordinal)
                || text.Contains("containerd.sock", StringComparison.Ordinal)),
        _ => false,
    };

    public void Dispose()
    {
        _stop.Cancel();
        lock (_lock)
        {
            _session?.Client.Dispose();
        }

        _stop.Dispose();
    }

    public SwarmException Gone(string why, Exception? cause = null) =>
        new(SwarmErrorCode.Unavailable, $"the Docker Engine at {_endpoint} cannot be reached: {why}", cause);

    public SwarmException Gone(Exception cause) =>
        Gone(cause is DockerApiException api ? TextOf(api) : ConnectionWords.Of(_address, cause), cause);

    private static SwarmException Refused(string message) => new(SwarmErrorCode.FailedPrecondition, message);

    private async Task<EngineSession> OpenAsync(CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            VersionResponse version = await LimitAsync(
                async token =>
                {
                    using DockerClient probe = EngineTransport.Build(_address, null);
                    return await probe.System.GetVersionAsync(token);
                },
                options.CallTimeout, stop);
            EngineApiVersion chosen = Choose(options.ApiVersion, version.Version, version.APIVersion, version.MinAPIVersion);
            lock (_lock)
            {
                stop.ThrowIfCancellationRequested();
                if (_session?.Version != chosen)
                {
                    _session?.Client.Dispose();
                    _session = new EngineSession(EngineTransport.Build(_address, chosen), chosen);
                }

                _stale = false;
                return _session;
            }
        }
        catch (DockerApiException e)
        {
            // Whoever does not even tell its version is no use.
            string text = TextOf(e);
            throw Gone(
                text.Contains("HTTPS server", StringComparison.OrdinalIgnoreCase)
                    ? $"it speaks TLS; set {EngineAddress.TlsVariable} and {EngineAddress.CertificatesVariable}, or "
                        + $"DockerExecutorOptions.{nameof(DockerExecutorOptions.CertificateDirectory)}"
                    : text,
                e);
        }
        finally
        {
            lock (_lock)
            {
                _connecting = null;
            }
        }
    }

    private async Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        try
        {
            return await call(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Gone(clock.IsCancellationRequested ? $"no answer within {limit.TotalSeconds:0} s" : "it does not take the connection");
        }
        catch (Exception e) when (IsGone(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Gone(e);
        }
    }
}
