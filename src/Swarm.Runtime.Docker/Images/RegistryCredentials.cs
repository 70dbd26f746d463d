// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Docker.DotNet.Models;

namespace Swarm.Runtime.Docker.Images;

/// <summary>Reads credentials as clients put them into a service: JSON in base64, of either alphabet.</summary>
internal static class RegistryCredentials
{
    /// <exception cref="TaskControllerException">Fatal: they cannot be read. They are not in the text.</exception>
    public static AuthConfig? Read(string? encoded)
    {
        if (string.IsNullOrEmpty(encoded))
        {
            return null;
        }

        try
        {
            string plain = encoded.Replace('-', '+').Replace('_', '/').TrimEnd('=');
            byte[] json = Convert.FromBase64String(plain.PadRight((plain.Length + 3) / 4 * 4, '='));
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return new AuthConfig
            {
                Username = Text(root, "username"), Password = Text(root, "password"), Auth = Text(root, "auth"),
                ServerAddress = Text(root, "serveraddress"), IdentityToken = Text(root, "identitytoken"),
                RegistryToken = Text(root, "registrytoken"),
            };
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            throw new TaskControllerException("the registry credentials of the service cannot be read: they must be JSON in base64");
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
