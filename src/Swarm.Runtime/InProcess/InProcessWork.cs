// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime;

/// <summary>Work that is registered under a name.</summary>
/// <param name="Run">What runs.</param>
/// <param name="RunningWhenHealthy">Whether its tasks are RUNNING only once the work says that it is well.</param>
internal sealed record InProcessWork(Func<InProcessTaskContext, CancellationToken, Task> Run, bool RunningWhenHealthy);
