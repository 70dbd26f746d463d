// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>What all reigns of a writer share.</summary>
internal sealed record ReignContext(List<WriterOutput> Outputs, CoreCounters Counters, MutationGuard? Guard);
