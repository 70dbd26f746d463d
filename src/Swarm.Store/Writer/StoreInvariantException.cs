// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>The store itself is broken, or somebody broke its objects: nothing may catch this and go on.</summary>
internal sealed class StoreInvariantException(string message) : Exception(message);
