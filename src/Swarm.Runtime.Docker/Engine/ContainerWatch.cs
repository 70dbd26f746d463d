// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;

namespace Swarm.Runtime.Docker.Engine;

/// <summary>Says that one container is to be looked at: something happened to it, or may have while the engine was out of sight.</summary>
internal sealed class ContainerWatch(string containerId, Action<ContainerWatch> end) : IDisposable
{
    // One mark is enough: who takes it looks at the container as it is then.
    private readonly Channel<bool> _marks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public string ContainerId => containerId;

    public void Mark() => _marks.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _marks.Reader.ReadAsync(cancellationToken);

    public void Dispose() => end(this);
}
