// SPDX-License-Identifier: Apache-2.0
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Swarm.Docker.Testing;

namespace Swarm.Docker.Tests;

/// <summary>
/// A registry for one image, in the network of an engine, by the HTTP API that the OCI distribution specification describes. Which repository
/// is asked for says how it answers: app is served, denied/… is forbidden, broken/… has content that is not what its digest says, all else
/// does not exist.
/// </summary>
internal sealed partial class BadInputRegistry : IAsyncDisposable
{
    public const string User = "someone";
    public const string Password = "correct-horse";

    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private const int NewNetwork = 0x40000000;
    private const int ReadAndClose = 0x80000;

    private readonly WebApplication _app;
    private readonly bool _locked;
    private readonly Dictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly byte[] _manifest;
    private readonly byte[] _brokenManifest;

    private BadInputRegistry(PrivateEngine engine, int port, bool locked)
    {
        Address = $"127.0.0.1:{port}";
        _locked = locked;
        (_manifest, _brokenManifest) = MakeImage();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = _ => Bind(engine, port));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Address { get; }

    /// <summary>Starts a registry; a locked one wants <see cref="User"/> and <see cref="Password"/>.</summary>
    public static async Task<BadInputRegistry> StartAsync(PrivateEngine engine, int port, bool locked)
    {
        var registry = new BadInputRegistry(engine, port, locked);
        await registry._app.StartAsync(TestContext.Current.CancellationToken);
        return registry;
    }

    /// <summary>A place in an engine's network that takes connections and never says anything.</summary>
    public static Socket Hang(PrivateEngine engine, int port)
    {
        Socket socket = Bind(engine, port);
        socket.Listen();
        return socket;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        string path = http.Request.Path.Value ?? "";
        if (_locked && http.Request.Headers.Authorization != $"Basic {basic}")
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"a locked registry\"";
            await RefuseAsync(http, 401, "UNAUTHORIZED", "authentication required");
        }
        else if (path == "/v2/")
        {
            await SendAsync(http, "application/json", "{}"u8.ToArray());
        }
        else if (path.StartsWith("/v2/denied/", StringComparison.Ordinal))
        {
            await RefuseAsync(http, 403, "DENIED", "requested access to the resource is denied");
        }
        else if (path.StartsWith("/v2/broken/", StringComparison.Ordinal) && path.Contains("/blobs/", StringComparison.Ordinal))
        {
            await SendAsync(http, "application/octet-stream", "not what was promised"u8.ToArray());
        }
        else if (path == "/v2/broken/app/manifests/1" || path == $"/v2/broken/app/manifests/{Digest(_brokenManifest)}")
        {
            http.Response.Headers["Docker-Content-Digest"] = Digest(_brokenManifest);
            await SendAsync(http, ManifestType, _brokenManifest);
        }
        else if (path == "/v2/app/manifests/1" || path == $"/v2/app/manifests/{Digest(_manifest)}")
        {
            http.Response.Headers["Docker-Content-Digest"] = Digest(_manifest);
            await SendAsync(http, ManifestType, _manifest);
        }
        else if (path.StartsWith("/v2/app/blobs/", StringComparison.Ordinal) && _blobs.TryGetValue(path["/v2/app/blobs/".Length..], out byte[]? blob))
        {
            await SendAsync(http, "application/octet-stream", blob);
        }
        else
        {
            await RefuseAsync(http, 404, "MANIFEST_UNKNOWN", "manifest unknown");
        }
    }

    private static async Task SendAsync(HttpContext http, string type, byte[] body)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body);
        }
    }

    private static Task RefuseAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        var error = new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) };
        return SendAsync(http, "application/json", Encoding.UTF8.GetBytes(error.ToJsonString()));
    }

    // One layer with busybox, which is all that a program needs here.
    private (byte[] Manifest, byte[] Broken) MakeImage()
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry("/bin/busybox", "bin/busybox");
        }

        byte[] layer = tar.ToArray();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(layer);
        }

        var config = new JsonObject
        {
            ["architecture"] = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Cmd"] = new JsonArray("/bin/busybox", "sleep", "100000"), ["StopSignal"] = "SIGKILL" },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(layer)) },
        };
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor("application/vnd.docker.container.image.v1+json", Encoding.UTF8.GetBytes(config.ToJsonString())),
            ["layers"] = new JsonArray(Descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", packed.ToArray())),
        };
        byte[] good = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        manifest["config"]!["digest"] = Digest("what was promised"u8.ToArray());
        return (good, Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    private JsonObject Descriptor(string type, byte[] blob)
    {
        _blobs[Digest(blob)] = blob;
        return new JsonObject { ["mediaType"] = type, ["size"] = blob.Length, ["digest"] = Digest(blob) };
    }

    private static string Digest(byte[] data) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(data));

    // A socket belongs to the network of the thread that made it, for good.
    private static Socket Bind(PrivateEngine engine, int port)
    {
        Socket? socket = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                string holder = File.ReadAllText(Path.Combine(engine.Root, "holder.pid")).Trim();
                int network = open($"/proc/{holder}/ns/net", ReadAndClose);
                using var closing = new SafeFileHandle(network, ownsHandle: true);
                if (setns(network, NewNetwork) != 0)
                {
                    throw new PrivateEngineException($"the engine's network cannot be entered: error {Marshal.GetLastPInvokeError()}");
                }

                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? socket! : throw new PrivateEngineException(failure.Message);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int descriptor, int kind);
}
