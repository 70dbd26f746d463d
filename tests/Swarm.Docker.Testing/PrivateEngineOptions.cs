// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Docker.Testing;

/// <summary>What a <see cref="PrivateEngine"/> is to be like.</summary>
public sealed class PrivateEngineOptions
{
    /// <summary>Name of the engine's host, as the engine tells it.</summary>
    public string Name { get; set; } = "engine";

    /// <summary>Whether containers outlive a stop of the engine; by default they end with it, as on most machines.</summary>
    public bool LiveRestore { get; set; }

    /// <summary>Size of the engine's disk, in memory, such as <c>64m</c>; null: what the machine's disk has.</summary>
    public string? DataSize { get; set; }

    /// <summary>Storage driver; null: overlay2, or vfs where overlay2 does not work.</summary>
    public string? StorageDriver { get; set; }

    internal IEnumerable<string> Arguments()
    {
        yield return "--commanded";
        yield return "--name";
        yield return Name;
        if (LiveRestore)
        {
            yield return "--live-restore";
        }

        if (DataSize is not null)
        {
            yield return "--data-size";
            yield return DataSize;
        }

        if (StorageDriver is not null)
        {
            yield return "--storage-driver";
            yield return StorageDriver;
        }
    }
}
