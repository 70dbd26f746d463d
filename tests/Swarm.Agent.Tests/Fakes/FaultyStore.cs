// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>A store whose disk is full from some write on.</summary>
internal sealed class FaultyStore(ITaskStateStore inner) : ITaskStateStore
{
    private int _left = int.MaxValue;

    internal void FailFrom(int write) => _left = write - 1;

    internal void Heal() => _left = int.MaxValue;

    public Task<IReadOnlyList<StoredTask>> LoadAsync(CancellationToken cancellationToken) => inner.LoadAsync(cancellationToken);

    public Task WriteAsync(IReadOnlyList<TaskStateWrite> writes, CancellationToken cancellationToken) => --_left >= 0
        ? inner.WriteAsync(writes, cancellationToken)
        : Task.FromException(new SwarmException(SwarmErrorCode.FailedPrecondition, "disk full"));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
