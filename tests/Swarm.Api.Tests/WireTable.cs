// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace Swarm.Api.Tests;

/// <summary>The field table of the wire, and the generated descriptors, both written as the same lines.</summary>
internal static partial class WireTable
{
    private static readonly string[] Packages = ["docker.swarmkit.v1.", "raftpb.", "google.protobuf."];

    /// <summary>The lines of the committed table, each with the declaration it stands under.</summary>
    public static IEnumerable<string> Expected()
    {
        using var reader = new StreamReader(typeof(WireTable).Assembly.GetManifestResourceStream("wire-table.txt")!);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        HashSet<string> declared = [.. lines.Where(l => l[0] != ' ').Select(l => l.Split(' ')[2])];
        string owner = "";
        foreach (string line in lines)
        {
            if (line[0] != ' ')
            {
                string[] words = line.Split(' ');
                string file = words[1] == "raftpb" ? "raftpb/raftpb.proto" : "docker/swarmkit/v1/" + words[1];
                owner = $"{file} {words[0]} {words[2]}";
                yield return owner;
                continue;
            }

            Match field = FieldLine().Match(line);
            yield return owner + ": " + (field.Success ? Canonical(field, owner.Split(' ')[2], declared) : line.Trim());
        }
    }

    /// <summary>The same lines, from what protoc generated.</summary>
    public static IEnumerable<string> Actual()
    {
        foreach (MessageDescriptor message in Contracts.Messages.Where(m => Listed(m.File)))
        {
            string owner = $"{message.File.Name} message {Short(message.FullName)}";
            yield return owner;
            foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
            {
                yield return $"{owner}: {field.FieldNumber} {field.Name}:{TypeOf(field)}{Flags(field)}";
            }
        }

        foreach (EnumDescriptor type in Contracts.Enums.Where(e => Listed(e.File)))
        {
            string owner = $"{type.File.Name} enum {Short(type.FullName)}";
            yield return owner;
            foreach (EnumValueDescriptor value in type.Values)
            {
                yield return $"{owner}: {value.Name}={value.Number}";
            }
        }

        foreach (ServiceDescriptor service in Contracts.Services.Where(s => Listed(s.File)))
        {
            string owner = $"{service.File.Name} service {service.Name}";
            yield return owner;
            foreach (MethodDescriptor method in service.Methods)
            {
                string request = (method.IsClientStreaming ? "stream " : "") + Short(method.InputType.FullName);
                string response = (method.IsServerStreaming ? "stream " : "") + Short(method.OutputType.FullName);
                yield return $"{owner}: {method.Name}({request})→{response}";
            }
        }
    }

    private static string Canonical(Match field, string owner, HashSet<string> declared)
    {
        string type = field.Groups["type"].Value;
        string item = MapLine().Replace(type, "$2").Replace("[]", "", StringComparison.Ordinal);
        string resolved = declared.Contains(owner + "." + item) ? owner + "." + item : Short(item);
        type = type.StartsWith("map<", StringComparison.Ordinal) ? MapLine().Replace(type, "map<$1,") + resolved + ">"
            : type.EndsWith("[]", StringComparison.Ordinal) ? resolved + "[]" : resolved;
        string oneof = field.Groups["oneof"].Success ? "(oneof " + field.Groups["oneof"].Value + ")" : "";
        string deprecated = field.Groups["flags"].Value.Contains("(depr)", StringComparison.Ordinal) ? "(depr)" : "";
        return $"{field.Groups["number"].Value} {field.Groups["name"].Value}:{type}{oneof}{deprecated}";
    }

    private static string TypeOf(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            IList<FieldDescriptor> entry = field.MessageType.Fields.InFieldNumberOrder();
            return $"map<{TypeOf(entry[0])},{TypeOf(entry[1])}>";
        }

        string type = field.FieldType switch
        {
            FieldType.Message => Short(field.MessageType.FullName),
            FieldType.Enum => Short(field.EnumType.FullName),
            _ => field.FieldType.ToString().ToLowerInvariant(),
        };
        return field.IsRepeated ? type + "[]" : type;
    }

    private static string Flags(FieldDescriptor field) =>
        (field.RealContainingOneof is { } oneof ? "(oneof " + oneof.Name + ")" : "")
        + (field.GetOptions()?.Deprecated == true ? "(depr)" : "")
        + (field.IsRequired ? "(required)" : "");

    private static bool Listed(FileDescriptor file) => !file.Name.StartsWith("swarm/", StringComparison.Ordinal);

    private static string Short(string name)
    {
        foreach (string package in Packages)
        {
            if (name.StartsWith(package, StringComparison.Ordinal))
            {
                return name[package.Length..];
            }
        }

        return name;
    }

    [GeneratedRegex(
        @"^  (?<number>\d+) (?<name>\w+):(?<type>[\w.]+(\[\])?|map<\w+,[\w.]+>)!?" +
        @"(?<flags>(\(depr\)|\(oneof (?<oneof>\w+)\))*)!?\r?$")]
    private static partial Regex FieldLine();

    [GeneratedRegex("^map<(.*),(.*)>$")]
    private static partial Regex MapLine();
}
