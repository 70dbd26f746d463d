// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Store.Writer;

/// <summary>A controller threw what it must not. Its projections cannot be trusted any more: the reign ends.</summary>
internal sealed class ControllerFailedException(string controller, Exception cause)
    : Exception($"controller {controller} failed: {cause.Message}", cause);
