// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Scheduler;

/// <summary>One version of a service: its tasks are alike.</summary>
internal readonly record struct ServiceVersion(string ServiceId, ulong Version);
