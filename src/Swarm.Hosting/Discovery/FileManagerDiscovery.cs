// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>
/// Managers named in a file, one host:port a line; empty lines and what follows a # mean nothing. Read anew each time, so that it may be
/// changed while the node runs. A file that is not there (yet) names none. Thread-safe.
/// </summary>
public sealed class FileManagerDiscovery : IManagerDiscovery
{
    /// <summary>Largest file that is read, in bytes: 64 KiB.</summary>
    public const int FileBytesMax = 64 * 1024;

    private readonly string _path;

    /// <summary>Makes it; the file is not looked at yet.</summary>
    /// <param name="path">The file.</param>
    public FileManagerDiscovery(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> GetManagersAsync(CancellationToken cancellationToken = default)
    {
        string[] lines;
        try
        {
            if (new FileInfo(_path) is { Exists: true, Length: > FileBytesMax })
            {
                throw new SwarmException(SwarmErrorCode.InvalidArgument, $"the list of managers {_path} is larger than {FileBytesMax} bytes");
            }

            lines = await File.ReadAllLinesAsync(_path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable, $"the list of managers {_path} cannot be read: {e.Message.TrimEnd('.')}", e);
        }

        var addresses = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length > 0)
            {
                NodeAddresses.RequireHostAndPort(line, $"{_path}, line {i + 1}");
                addresses.Add(line);
            }
        }

        return addresses;
    }
}
