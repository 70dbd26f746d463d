// SPDX-License-Identifier: Apache-2.0
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using Swarm.Core;
using Swarm.Runtime.Docker.Containers;
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker.Images;

/// <summary>
/// Brings images to the node. The registry is asked first, so that a tag that moved is noticed; when it fails or is silent, the image on
/// the node is used. A digest that is on the node is not asked for. Tasks that want the same image at the same time share one pull.
/// </summary>
internal sealed class ImagePuller(EngineAccess access, DockerExecutorOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const int StallsWithoutLocal = 10;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(options.ConcurrentPullsMax);
    private readonly Dictionary<(string Image, string? Auth), Task> _pulls = [];

    /// <summary>Makes sure that the image is on the node.</summary>
    /// <exception cref="TaskControllerException">It is not and cannot be had.</exception>
    public async Task EnsureAsync(ImageReference image, string? registryAuth, CancellationToken cancellationToken)
    {
        AuthConfig? credentials = RegistryCredentials.Read(registryAuth);
        Task pull;
        lock (_lock)
        {
            if (!_pulls.TryGetValue((image.Canonical, registryAuth), out pull!))
            {
                pull = PullSharedAsync(image, registryAuth, credentials);
                _pulls.Add((image.Canonical, registryAuth), pull);
            }
        }

        await pull.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task PullSharedAsync(ImageReference image, string? registryAuth, AuthConfig? credentials)
    {
        await Task.Yield();
        try
        {
            CancellationToken stop = _stop.Token;
            await _slots.WaitAsync(stop);
            try
            {
                await PullOrLocalAsync(image, credentials, stop);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            lock (_lock)
            {
                _pulls.Remove((image.Canonical, registryAuth));
            }
        }
    }

    private async Task PullOrLocalAsync(ImageReference image, AuthConfig? credentials, CancellationToken stop)
    {
        bool local = await IsLocalAsync(image, stop);
        if (local && image.Digest is not null)
        {
            return;
        }

        string? error = await TryPullAsync(image, credentials, local ? options.PullStallTimeout : options.PullStallTimeout * StallsWithoutLocal, stop);
        if (error is null)
        {
            return;
        }

        if (!local)
        {
            throw new TaskControllerException($"image {image.Familiar} is not on this node and cannot be pulled: {error}");
        }

        DockerLog.LocalImageUsed(logger, image.Familiar, error);
    }

    private async Task<bool> IsLocalAsync(ImageReference image, CancellationToken stop)
    {
        try
        {
            await access.CallAsync<ImageInspectResponse>((client, token) => client.Images.InspectImageAsync(image.Familiar, token), stop);
            return true;
        }
        catch (DockerApiException e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    // Null when the image was pulled, else what went wrong. A lost engine is thrown: it says nothing about the image.
    private async Task<string?> TryPullAsync(ImageReference image, AuthConfig? credentials, TimeSpan stall, CancellationToken stop)
    {
        EngineSession session = await access.ConnectAsync(stop);
        using var silence = new CancellationTokenSource(stall, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Token);
        var answers = new PullAnswers(() => silence.CancelAfter(stall));
        try
        {
            var wanted = new ImagesCreateParameters { FromImage = $"{image.Domain}/{image.Path}", Tag = image.PullTag };
            await session.Client.Images.CreateImageAsync(wanted, credentials, answers, both.Token);
            return answers.Error;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"the registry gave no answer within {stall.TotalSeconds:0.#} s";
        }
        catch (DockerApiException e) when (!EngineAccess.IsGone(e))
        {
            return EngineAccess.TextOf(e);
        }
        catch (Exception e) when (EngineAccess.IsGone(e))
        {
            throw access.Gone(e);
        }
    }

    // Called on the reader's own thread, in order; the base library's Progress would hop.
    private sealed class PullAnswers(Action answered) : IProgress<JSONMessage>
    {
        public string? Error { get; private set; }

        public void Report(JSONMessage value)
        {
            answered();
            Error ??= value.Error?.Message;
        }
    }
}
