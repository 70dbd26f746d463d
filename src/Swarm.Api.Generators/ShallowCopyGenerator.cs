// SPDX-License-Identifier: Apache-2.0
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Swarm.Api.Generators;

/// <summary>Adds one-level copies to every message class that protoc generated in the compilation.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ShallowCopyGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        // The transform gives plain text, so that unchanged messages are not emitted again.
        IncrementalValuesProvider<(string Hint, string Text)> files = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => IsMessage(node),
            static (found, cancel) =>
            {
                INamedTypeSymbol? type = found.SemanticModel.GetDeclaredSymbol((ClassDeclarationSyntax)found.Node, cancel);
                return type is null ? default : (type.ToDisplayString().Replace('<', '_') + ".g.cs", MessageCopies.Write(type));
            });
        context.RegisterSourceOutput(
            files.Where(static f => f.Hint is not null),
            static (output, file) => output.AddSource(file.Hint, SourceText.From(file.Text, Encoding.UTF8)));
    }

    /// <summary>
    /// Exactly one declaration of a message names <c>IMessage&lt;T&gt;</c> as a base: the one protoc wrote. Hand-written
    /// partials of the same class do not, so that each message is taken once.
    /// </summary>
    private static bool IsMessage(SyntaxNode node) =>
        node is ClassDeclarationSyntax { BaseList: { } bases } declaration
        && declaration.Modifiers.Any(SyntaxKind.PartialKeyword)
        && bases.Types.Any(static b => b.Type is QualifiedNameSyntax { Right: GenericNameSyntax { Identifier.ValueText: "IMessage" } }
            or AliasQualifiedNameSyntax { Name: GenericNameSyntax { Identifier.ValueText: "IMessage" } });
}
