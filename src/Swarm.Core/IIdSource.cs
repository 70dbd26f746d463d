// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>Makes ids of objects, nodes and sessions. Not a source of secrets.</summary>
public interface IIdSource
{
    /// <summary>Makes an id that nobody has.</summary>
    /// <returns>25 characters of base 36, as <see cref="SwarmId"/> writes them.</returns>
    string NewId();
}
