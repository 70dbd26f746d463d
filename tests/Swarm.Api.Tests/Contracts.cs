// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using Google.Protobuf.Reflection;

namespace Swarm.Api.Tests;

/// <summary>All descriptors of the assembly, found by reflection so that a new file cannot be missed.</summary>
internal static class Contracts
{
    public static IReadOnlyList<FileDescriptor> Files { get; } =
        [.. typeof(Node).Assembly.GetTypes()
            .Select(t => t.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static, null, typeof(FileDescriptor), [], null))
            .OfType<PropertyInfo>()
            .Select(p => (FileDescriptor)p.GetValue(null)!)
            .OrderBy(f => f.Name, StringComparer.Ordinal)];

    public static IReadOnlyList<MessageDescriptor> Messages { get; } =
        [.. Files.SelectMany(f => f.MessageTypes).SelectMany(WithNested)];

    public static IReadOnlyList<EnumDescriptor> Enums { get; } =
        [.. Files.SelectMany(f => f.EnumTypes).Concat(Messages.SelectMany(m => m.EnumTypes))];

    public static IReadOnlyList<ServiceDescriptor> Services { get; } = [.. Files.SelectMany(f => f.Services)];

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) =>
        message.GetOptions()?.MapEntry == true ? [] : [message, .. message.NestedTypes.SelectMany(WithNested)];
}
