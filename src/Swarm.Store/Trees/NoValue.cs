// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Trees;

/// <summary>The value of a tree that is a set.</summary>
internal readonly struct NoValue;
