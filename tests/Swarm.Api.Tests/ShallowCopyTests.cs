// SPDX-License-Identifier: Apache-2.0
using System.Collections;
using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Swarm.Api.Tests;

/// <summary>Every message and every field, by reflection.</summary>
public sealed class ShallowCopyTests
{
    public static IEnumerable<TheoryDataRow<string>> Messages() => Contracts.Messages.Select(m => new TheoryDataRow<string>(m.FullName));

    [Theory]
    [MemberData(nameof(Messages))]
    public void ShallowCopy_OfAFullMessage_IsEqualAndSharesAll(string name)
    {
        MessageDescriptor type = Find(name);
        foreach (FieldDescriptor? chosen in type.Fields.InDeclarationOrder().Append(null))
        {
            IMessage original = Samples.Make(type, 1, chosen);
            var copy = (IMessage)type.ClrType.GetMethod("ShallowCopy")!.Invoke(original, [])!;

            Assert.NotSame(original, copy);
            Assert.Equal(type.ClrType, copy.GetType());
            Assert.Equal(original.ToByteArray(), copy.ToByteArray());
            Assert.All(type.Fields.InDeclarationOrder(), f => AssertShared(f, original, copy));
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void With_EachField_ChangesThatFieldAlone(string name)
    {
        MessageDescriptor type = Find(name);
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder())
        {
            // The original has another member of the oneof set, where there is one.
            IMessage original = Samples.Make(type, 1, field.RealContainingOneof?.Fields.LastOrDefault(f => f != field));
            object? value = field.Accessor.GetValue(Samples.Make(type, 2, field));
            AssertWith(type, field, original, value);
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void With_NullForASubMessage_ClearsThatFieldAlone(string name)
    {
        MessageDescriptor type = Find(name);
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message && !f.IsRepeated))
        {
            AssertWith(type, field, Samples.Make(type, 1, field), null);
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void With_Methods_AreOnePerField(string name)
    {
        MessageDescriptor type = Find(name);
        IEnumerable<string> methods = type.ClrType.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => m.Name.StartsWith("With", StringComparison.Ordinal)).Select(m => m.Name);

        Assert.Equal(type.Fields.InDeclarationOrder().Select(WithName).Order(), methods.Order());
    }

    [Fact]
    public void With_ACollection_TakesACopyOfWhatItIsGiven()
    {
        var list = new List<string> { "a" };
        ContainerSpec spec = new ContainerSpec().WithArgs(list);
        list.Add("b");

        Assert.Equal(["a"], spec.Args);
        Assert.Throws<ArgumentNullException>(() => spec.WithArgs(null!));
    }

    [Fact]
    public void ReadModifyWrite_UnknownFieldsAtEachLevel_Survive()
    {
        byte[] spec = [.. new ServiceSpec { Annotations = new Annotations { Name = "web" } }.ToByteArray(), .. Samples.UnknownField(7)];
        Service wire = Service.Parser.ParseFrom(
            [.. new Service { Id = "s1", Spec = ServiceSpec.Parser.ParseFrom(spec) }.ToByteArray(), .. Samples.UnknownField(8)]);

        Service changed = wire
            .WithSpec(wire.Spec.WithAnnotations(wire.Spec.Annotations.WithName("db")))
            .WithMeta(new Meta { Version = new Version { Index = 9 } });

        Service expected = Service.Parser.ParseFrom(wire.ToByteArray());
        expected.Spec.Annotations.Name = "db";
        expected.Meta = new Meta { Version = new Version { Index = 9 } };
        Assert.Equal(expected.ToByteArray(), changed.ToByteArray());
        Assert.Contains("web", wire.ToString(), StringComparison.Ordinal);
        Assert.True(changed.ToByteArray().AsSpan().EndsWith(Samples.UnknownField(8)));
        Assert.True(changed.Spec.ToByteArray().AsSpan().EndsWith(Samples.UnknownField(7)));
    }

    private static void AssertWith(MessageDescriptor type, FieldDescriptor field, IMessage original, object? value)
    {
        byte[] before = original.ToByteArray();
        MethodInfo method = type.ClrType.GetMethod(WithName(field))!;
        var copy = (IMessage)method.Invoke(original, [value])!;

        IMessage expected = type.Parser.ParseFrom(before);
        Put(expected, field, value);
        Assert.Equal(expected.ToByteArray(), copy.ToByteArray());
        Assert.NotEqual(before, copy.ToByteArray());
        Assert.Equal(before, original.ToByteArray());
        Assert.All(
            type.Fields.InDeclarationOrder().Where(f => f != field
                && (f.RealContainingOneof is null || f.RealContainingOneof != field.RealContainingOneof)),
            f => AssertShared(f, original, copy));
        if (field.IsRepeated)
        {
            Assert.NotSame(value, field.Accessor.GetValue(copy));
        }
    }

    private static void Put(IMessage message, FieldDescriptor field, object? value)
    {
        if (field.IsMap)
        {
            var map = (IDictionary)field.Accessor.GetValue(message);
            map.Clear();
            foreach (DictionaryEntry entry in (IDictionary)value!)
            {
                map.Add(entry.Key, entry.Value);
            }
        }
        else if (field.IsRepeated)
        {
            var list = (IList)field.Accessor.GetValue(message);
            list.Clear();
            foreach (object item in (IEnumerable)value!)
            {
                list.Add(item);
            }
        }
        else if (value is null)
        {
            field.Accessor.Clear(message);
        }
        else
        {
            field.Accessor.SetValue(message, value);
        }
    }

    private static void AssertShared(FieldDescriptor field, IMessage original, IMessage copy)
    {
        object? value = field.Accessor.GetValue(original);
        if (value is not null && !value.GetType().IsValueType)
        {
            Assert.Same(value, field.Accessor.GetValue(copy));
        }
    }

    // Only one property of one message differs from the plain name, for it would be that of its class.
    private static string WithName(FieldDescriptor field) => "With" + field.PropertyName.TrimEnd('_');

    private static MessageDescriptor Find(string name) => Contracts.Messages.Single(m => m.FullName == name);
}
