// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing.Tests;

/// <summary>A directory that is made when it is first asked for, and deleted at the end.</summary>
internal sealed class TemporaryPlace : IDisposable
{
    private string? _path;

    public string Path => _path ??= Directory.CreateTempSubdirectory("swarm-conformance-").FullName;

    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        if (_path is not null)
        {
            Directory.Delete(_path, recursive: true);
        }
    }
}
