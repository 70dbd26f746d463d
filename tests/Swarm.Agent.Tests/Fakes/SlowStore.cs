// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>A disk that takes its time; what was not yet written when its machine crashed never is.</summary>
internal sealed class SlowStore(ITaskStateStore disk, TimeProvider time, SeededRandom random) : ITaskStateStore
{
    public Task<IReadOnlyList<StoredTask>> LoadAsync(CancellationToken cancellationToken) => disk.LoadAsync(cancellationToken);

    public async Task WriteAsync(IReadOnlyList<TaskStateWrite> writes, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), time, cancellationToken);
        await disk.WriteAsync(writes, cancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), time, cancellationToken);
    }

    public ValueTask DisposeAsync() => disk.DisposeAsync();
}
