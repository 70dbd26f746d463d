// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>One piece of work for the writer and the promise to answer it. Once it is answered, later answers are ignored.</summary>
internal abstract class WriterCommand(string name)
{
    public string Name { get; } = name;

    /// <summary>Set for an entry that is not the store's own; such a command decides nothing.</summary>
    public object? Payload { get; init; }

    /// <summary>The caller gave up before its turn.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Runs the command on Head. May be called twice.</summary>
    public abstract void Decide(IStoreTransaction transaction);

    /// <summary>It is committed (or depended on nothing that was not).</summary>
    public abstract void Complete(IStoreReader committed);

    /// <summary>It was refused, or its outcome cannot be told.</summary>
    public abstract void Fail(Exception error);
}
