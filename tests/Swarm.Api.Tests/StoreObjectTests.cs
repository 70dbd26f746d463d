// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Swarm.Api.Tests;

public sealed class StoreObjectTests
{
    public static IEnumerable<TheoryDataRow<ObjectKind>> Kinds() =>
        Enum.GetValues<ObjectKind>().Select(k => new TheoryDataRow<ObjectKind>(k));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StoreObject_OfEachKind_TellsWhatItIs(ObjectKind kind)
    {
        MessageDescriptor type = Contracts.Messages.Single(m => m.FullName == "docker.swarmkit.v1." + kind);
        var stored = (IStoreObject)Samples.Make(type, 1);
        byte[] before = stored.ToByteArray();
        var meta = new Meta { Version = new Version { Index = 5 } };
        IStoreObject changed = stored.WithMeta(meta);

        Assert.Equal(kind, stored.Kind);
        Assert.Equal("v1", stored.Id);
        Assert.Equal(kind == ObjectKind.Task ? "" : "v1", stored.Name);
        Assert.Same(meta, changed.Meta);
        Assert.Equal(type.ClrType, changed.GetType());
        Assert.Equal(before, stored.ToByteArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Name_WhereNothingIsSet_IsEmpty(ObjectKind kind)
    {
        MessageDescriptor type = Contracts.Messages.Single(m => m.FullName == "docker.swarmkit.v1." + kind);

        Assert.Equal("", ((IStoreObject)type.Parser.ParseFrom(ByteString.Empty)).Name);
    }

    [Fact]
    public void StoreObjects_AreTheMessagesThatAStoreActionCarries()
    {
        IEnumerable<Type> carried = StoreAction.Descriptor.Oneofs.Single(o => o.Name == "target").Fields.Select(f => f.MessageType.ClrType);
        IEnumerable<Type> stored = typeof(Node).Assembly.GetTypes().Where(t => t.IsClass && typeof(IStoreObject).IsAssignableFrom(t));

        Assert.Equal(carried.OrderBy(t => t.Name), stored.OrderBy(t => t.Name));
    }
}
