// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>
/// The form of image references: [HOST[:PORT]/]PATH[:TAG][@ALGORITHM:DIGEST], by the grammar that the OCI distribution
/// specification gives for names and tags.
/// </summary>
internal static partial class ImageReference
{
    private const int TextLengthMax = 1024;

    private const int NameLengthMax = 255;

    private const int IdLength = 64;

    /// <summary>Whether a text names an image.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>True if it is of the form; a bare image id of 64 hexadecimal digits is not.</returns>
    public static bool IsValid(string text)
    {
        if (text.Length > TextLengthMax || IsBareId(text))
        {
            return false;
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : text[..slash];
        bool hasHost = first == "localhost" || first.AsSpan().ContainsAny('.', ':') || first.AsSpan().ContainsAnyInRange('A', 'Z');
        Match match = Path().Match(hasHost ? text[(slash + 1)..] : text);
        int nameLength = match.Groups["name"].Length + (hasHost ? first.Length + 1 : 0);
        return match.Success && nameLength <= NameLengthMax && (!hasHost || Host().IsMatch(first));
    }

    private static bool IsBareId(string text) =>
        text.Length == IdLength && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;

    [GeneratedRegex(
        @"\A(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Host();

    [GeneratedRegex(
        @"\A(?<name>[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*)"
        + @"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Path();
}
