// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Hosting.Tests;

/// <summary>A directory that is removed after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("swarm-hosting-").FullName;

    public string At(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
