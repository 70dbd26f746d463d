// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Swarm.Api.Tests;

public sealed class WireTableTests
{
    [Fact]
    public void Descriptors_AgainstTheTable_MissNothingAndAddNothing()
    {
        string[] expected = [.. WireTable.Expected()];
        string[] actual = [.. WireTable.Actual()];

        Assert.Equal(expected.Length, expected.Distinct().Count());
        Assert.True(expected.Length > 1000, "the table was not read");
        Assert.Empty(expected.Except(actual));
        Assert.Empty(actual.Except(expected));
    }

    [Fact]
    public void RepeatedScalars_AreUnpackedExactlyWhereThePeersWriteThemSo()
    {
        IEnumerable<string> unpacked = Contracts.Messages
            .SelectMany(m => m.Fields.InDeclarationOrder())
            .Where(f => f.IsRepeated && !f.IsMap && f.FieldType is not (FieldType.Message or FieldType.String or FieldType.Bytes)
                && !f.IsPacked)
            .Select(f => f.FullName);

        Assert.Equal(
            [
                "docker.swarmkit.v1.ClusterSnapshot.removed", "docker.swarmkit.v1.JoinResponse.removed_members",
                "raftpb.ConfState.learners", "raftpb.ConfState.learners_next",
                "raftpb.ConfState.voters", "raftpb.ConfState.voters_outgoing",
            ],
            unpacked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void RemovedMembers_Written_AreOneFieldEach()
    {
        Assert.Equal([0x18, 5, 0x18, 6], new JoinResponse { RemovedMembers = { 5, 6 } }.ToByteArray());
        Assert.Equal([0x10, 5, 0x10, 6], new ClusterSnapshot { Removed = { 5, 6 } }.ToByteArray());
    }

    [Fact]
    public void Classes_StandInTheNamespacesThatTheDocumentationNames()
    {
        Assert.All(Contracts.Messages, m => Assert.Equal(
            m.File.Package switch { "raftpb" => "Swarm.Api.Raftpb", "swarm.ext.v1" => "Swarm.Api.Ext", _ => "Swarm.Api" },
            m.ClrType.Namespace));
    }
}
