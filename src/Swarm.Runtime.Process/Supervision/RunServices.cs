// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Runtime.Process;

/// <summary>What the tasks of one executor share.</summary>
internal sealed record RunServices(
    ProcessExecutorOptions Options,
    string TasksDirectory,
    string? CgroupBase,
    DependencyFiles Dependencies,
    ProcessWatcher Watcher,
    ProcessScanner Scanner,
    TimeProvider Time,
    ILogger Logger);
