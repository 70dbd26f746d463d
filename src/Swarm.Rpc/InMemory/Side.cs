// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Rpc.InMemory;

/// <summary>One end of a connection: the name of its host and where it handles what arrives.</summary>
internal sealed record Side(string Host, Mailbox Mailbox);
