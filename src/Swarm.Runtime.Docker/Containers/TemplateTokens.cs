// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>The words of one {{action}}: names, field paths, strings, pipes and parentheses.</summary>
internal sealed class TemplateTokens
{
    private readonly List<string> _tokens = [];
    private int _at;

    /// <exception cref="FormatException">A string has no end.</exception>
    public TemplateTokens(string action)
    {
        int i = 0;
        while (i < action.Length)
        {
            char c = action[i];
            int end = c switch
            {
                ' ' or '\t' or '\r' or '\n' => i,
                '|' or '(' or ')' => i + 1,
                '"' or '`' => EndOfString(action, i),
                _ => EndOfWord(action, i),
            };
            if (end == i)
            {
                i++;
                continue;
            }

            _tokens.Add(action[i..end]);
            i = end;
        }
    }

    /// <summary>The next word, or null at the end.</summary>
    public string? Next => _at < _tokens.Count ? _tokens[_at] : null;

    /// <summary>Takes the next word.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public string Take() => _at < _tokens.Count ? _tokens[_at++] : throw new FormatException("it ends too early");

    /// <summary>The text of a string as written.</summary>
    /// <exception cref="FormatException">It has an escape that is not known.</exception>
    public static string Unquote(string token)
    {
        string inner = token[1..^1];
        if (token[0] == '`' || !inner.Contains('\\', StringComparison.Ordinal))
        {
            return inner;
        }

        var result = new StringBuilder(inner.Length);
        for (int i = 0; i < inner.Length; i++)
        {
            result.Append(inner[i] != '\\' ? inner[i] : inner[++i] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                '"' => '"',
                '\'' => '\'',
                char other => throw new FormatException($"'\\{other}' is not known in a string"),
            });
        }

        return result.ToString();
    }

    private static int EndOfString(string action, int from)
    {
        for (int i = from + 1; i < action.Length; i++)
        {
            if (action[i] == action[from])
            {
                return i + 1;
            }

            i += action[i] == '\\' && action[from] == '"' ? 1 : 0;
        }

        throw new FormatException("a string has no end");
    }

    private static int EndOfWord(string action, int from)
    {
        int end = action.AsSpan(from).IndexOfAny(" \t\r\n|()\"`");
        return end < 0 ? action.Length : from + end;
    }
}
