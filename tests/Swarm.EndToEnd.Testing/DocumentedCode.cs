// SPDX-License-Identifier: Apache-2.0
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Swarm.EndToEnd.Testing;

/// <summary>
/// C# as it stands in a document, compiled as the body of a new program with implicit usings, against the assemblies of this one, and run
/// in this one. What it takes as given stands in a comment in front of it, <c>&lt;!-- given: ... --&gt;</c>, a class body; what it prints
/// is caught.
/// </summary>
public static partial class DocumentedCode
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private const string CaughtConsole = """
        public static class Console
        {
            private static readonly StringWriter Printed = new();

            public static string Output { get { lock (Printed) { return Printed.ToString(); } } }

            public static void WriteLine(string text) { lock (Printed) { Printed.WriteLine(text); } }
        }
        """;

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p))]);

    /// <summary>Whether a document has any.</summary>
    /// <param name="document">The document's path from the root of the repository.</param>
    public static bool IsIn(string document) => Block().IsMatch(Read(document));

    /// <summary>What keeps the C# of a document from being compiled; empty if all is well.</summary>
    /// <param name="document">The document's path from the root of the repository.</param>
    public static string Problems(string document) => string.Join('\n', Block().Matches(Read(document))
        .SelectMany(m => Emit(Stream.Null, Program(m.Groups["given"].Value, m.Groups["code"].Value))));

    /// <summary>Runs one block of C# to its end.</summary>
    /// <param name="document">The document's path from the root of the repository.</param>
    /// <param name="words">Words that only this block has.</param>
    /// <param name="replaced">What stands for what of the document: places, ports, images.</param>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string document, string words, params (string From, string To)[] replaced)
    {
        Match block = Block().Matches(Read(document)).Single(m => m.Groups["code"].Value.Contains(words, StringComparison.Ordinal));
        string source = Program(block.Groups["given"].Value, block.Groups["code"].Value);
        foreach ((string from, string to) in replaced)
        {
            if (!source.Contains(from, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{document} no longer says '{from}'.");
            }

            source = source.Replace(from, to, StringComparison.Ordinal);
        }

        using var image = new MemoryStream();
        string problems = string.Join('\n', Emit(image, source, CaughtConsole));
        Assembly program = problems.Length == 0 ? Assembly.Load(image.ToArray()) : throw new InvalidOperationException(problems);
        MethodInfo main = program.GetType("Program")!.GetMethod("Main", BindingFlags.Static | BindingFlags.NonPublic)!;
        await (Task)main.Invoke(null, [(string[])["--Logging:LogLevel:Default=Warning"]])!;
        return (string)program.GetType("Console")!.GetProperty("Output")!.GetValue(null)!;
    }

    private static string Read(string document) => File.ReadAllText(Path.Combine(Tool.Root, document));

    private static IEnumerable<string> Emit(Stream image, params string[] sources)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        return CSharpCompilation
            .Create(
                "Documented" + Guid.NewGuid().ToString("N"),
                sources.Append(ImplicitUsings).Select(s => CSharpSyntaxTree.ParseText(s, options)),
                References.Value,
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable))
            .Emit(image).Diagnostics
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => d.ToString());
    }

    // The usings stay in front; the statements become a method that sees what is given.
    private static string Program(string given, string code)
    {
        string[] lines = code.Split('\n');
        int body = Array.FindLastIndex(lines, l => Using().IsMatch(l)) + 1;
        return new StringBuilder()
            .AppendJoin('\n', lines[..body])
            .AppendLine("\ninternal static class Program\n{")
            .AppendLine(given)
            .AppendLine("private static async System.Threading.Tasks.Task Main(string[] args)\n{\nawait System.Threading.Tasks.Task.CompletedTask;")
            .AppendJoin('\n', lines[body..])
            .AppendLine("}\n}")
            .ToString();
    }

    [GeneratedRegex(@"(<!-- given:(?<given>(?:(?!-->)[\s\S])*)-->\s*)?```csharp\r?\n(?<code>[\s\S]*?)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"^using [\w.= ]+;\s*$")]
    private static partial Regex Using();
}
