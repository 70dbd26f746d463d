// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Docker.Testing;

/// <summary>A private engine could not do what was asked; the message says why.</summary>
public sealed class PrivateEngineException(string message) : Exception(message);
