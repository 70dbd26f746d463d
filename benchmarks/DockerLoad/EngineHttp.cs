// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace DockerLoad;

/// <summary>The Engine API with nothing in between: what is compared with must not pay for a client library.</summary>
internal sealed class EngineHttp : IDisposable
{
    private readonly HttpClient _http;

    public EngineHttp(Uri endpoint)
    {
        string path = endpoint.LocalPath;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://engine/v1.41/"), Timeout = TimeSpan.FromMinutes(2) };
    }

    public async Task<JsonDocument> PostAsync(string path, string body = "")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content);
        return await ReadAsync(path, answer);
    }

    public async Task<JsonDocument> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(path, answer);
    }

    public async Task DeleteAsync(string path)
    {
        using HttpResponseMessage answer = await _http.DeleteAsync(new Uri(path, UriKind.Relative));
        (await ReadAsync(path, answer)).Dispose();
    }

    /// <summary>Ids of containers with a label; all when it is empty.</summary>
    public async Task<string[]> ContainersAsync(string label = "")
    {
        string filters = label.Length == 0 ? "" : "&filters=" + Uri.EscapeDataString($$"""{"label":["{{label}}"]}""");
        using JsonDocument found = await GetAsync("containers/json?all=true" + filters);
        return [.. found.RootElement.EnumerateArray().Select(static c => c.GetProperty("Id").GetString()!)];
    }

    /// <summary>How many tasks of a service of swarm mode are in each state.</summary>
    public async Task<int> RunningTasksAsync(string serviceId)
    {
        using JsonDocument found = await GetAsync("tasks?filters=" + Uri.EscapeDataString($$"""{"service":["{{serviceId}}"]}"""));
        return found.RootElement.EnumerateArray().Count(static t => t.GetProperty("Status").GetProperty("State").GetString() == "running");
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonDocument> ReadAsync(string path, HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text.Length > 0 && text[0] is '{' or '[' ? text : "{}")
            : throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{path}: {(int)answer.StatusCode} {text}"));
    }
}
