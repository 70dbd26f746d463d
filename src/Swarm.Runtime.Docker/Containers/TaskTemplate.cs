// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Swarm.Core;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>
/// Expands {{…}} in values of a specification. Of Go's template language it knows what such values need: the fields .Service.ID, .Name and
/// .Labels.KEY, .Node.ID, .Hostname, .Platform.Architecture and .OS, .Task.ID, .Name and .Slot; index MAP "key"; join SEPARATOR STRING…;
/// strings in quotes or backquotes; pipes; comments; trimming with {{- and -}}. Everything else is refused, with what it was.
/// </summary>
internal sealed class TaskTemplate(ContainerPlanContext context, Api.Task task)
{
    private const int MaxDepth = 16;

    /// <summary>More functions of one argument, by name; as secret, config and env are for templated secrets and configs.</summary>
    public IReadOnlyDictionary<string, Func<string, string>> Functions { get; init; } =
        new Dictionary<string, Func<string, string>>(StringComparer.Ordinal);

    /// <summary>How values of the task and node are put into the text.</summary>
    public Func<string, string> Encode { get; init; } = static value => value;

    /// <summary>Expands a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is, for errors: "environment variable X".</param>
    /// <exception cref="TaskControllerException">Fatal: it is no template that can be expanded.</exception>
    public string Expand(string text, string what)
    {
        int at = text.IndexOf("{{", StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        int from = 0;
        while (at >= 0)
        {
            int end = EndOfAction(text, at + 2);
            if (end < 0)
            {
                throw Bad(what, text, "{{ has no }}");
            }

            string action = text[(at + 2)..end];
            result.Append(text, from, at - from);
            if (action.StartsWith("- ", StringComparison.Ordinal))
            {
                TrimEnd(result);
                action = action[2..];
            }

            from = end + 2;
            if (action.EndsWith(" -", StringComparison.Ordinal))
            {
                action = action[..^2];
                while (from < text.Length && IsSpace(text[from]))
                {
                    from++;
                }
            }

            result.Append(Evaluate(action.Trim(), what, text));
            at = text.IndexOf("{{", from, StringComparison.Ordinal);
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    // The braces that end an action are the first outside quotes.
    private static int EndOfAction(string text, int from)
    {
        char quote = '\0';
        for (int i = from; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0')
            {
                i += c == '\\' && quote == '"' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '`')
            {
                quote = c;
            }
            else if (c == '}' && i + 1 < text.Length && text[i + 1] == '}')
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static void TrimEnd(StringBuilder text)
    {
        while (text.Length > 0 && IsSpace(text[^1]))
        {
            text.Length--;
        }
    }

    private string Evaluate(string action, string what, string text)
    {
        if (action.StartsWith("/*", StringComparison.Ordinal) && action.EndsWith("*/", StringComparison.Ordinal))
        {
            return "";
        }

        try
        {
            var tokens = new TemplateTokens(action);
            object value = Pipeline(tokens, 0);
            return tokens.Next is null ? Text(value) : throw new FormatException($"unexpected '{tokens.Next}'");
        }
        catch (FormatException e)
        {
            throw Bad(what, text, e.Message);
        }
    }

    private object Pipeline(TemplateTokens tokens, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"more than {MaxDepth} parentheses");
        }

        object value = Command(tokens, null, depth);
        while (tokens.Next == "|")
        {
            tokens.Take();
            value = Command(tokens, value, depth);
        }

        return value;
    }

    private object Command(TemplateTokens tokens, object? piped, int depth)
    {
        string first = tokens.Next ?? throw new FormatException("nothing to expand");
        bool isCall = char.IsAsciiLetter(first[0]);
        if (isCall)
        {
            tokens.Take();
        }

        var operands = new List<object>();
        while (tokens.Next is { } next && next is not ("|" or ")"))
        {
            operands.Add(Operand(tokens, depth));
        }

        if (!isCall)
        {
            return operands.Count == 1 && piped is null ? operands[0] : throw new FormatException($"'{first}' is no function");
        }

        if (piped is not null)
        {
            operands.Add(piped);
        }

        return Call(first, operands);
    }

    private object Operand(TemplateTokens tokens, int depth)
    {
        string token = tokens.Take();
        if (token == "(")
        {
            object value = Pipeline(tokens, depth + 1);
            return tokens.Next is not null && tokens.Take() == ")" ? value : throw new FormatException("'(' has no ')'");
        }

        return token[0] switch
        {
            '"' or '`' => TemplateTokens.Unquote(token),
            '.' => Field(token),
            _ => throw new FormatException($"'{token}' is not known here"),
        };
    }

    private object Call(string name, List<object> operands)
    {
        switch (name)
        {
            case "index" when operands.Count == 2 && operands[0] is IDictionary<string, string> map:
                return map.TryGetValue(Text(operands[1]), out string? value) ? Encode(value) : "";
            case "index":
                throw new FormatException("index takes .Service.Labels and a key");
            case "join" when operands.Count >= 1:
                return string.Join(Text(operands[0]), operands.Skip(1).Select(Text));
            default:
                Func<string, string> function = Functions.GetValueOrDefault(name)
                    ?? throw new FormatException($"function '{name}' is not known");
                return operands.Count == 1 ? function(Text(operands[0])) : throw new FormatException($"{name} takes one argument");
        }
    }

    private object Field(string path)
    {
        const string Labels = ".Service.Labels.";
        if (path.StartsWith(Labels, StringComparison.Ordinal))
        {
            string key = path[Labels.Length..];
            return ServiceLabels().TryGetValue(key, out string? value)
                ? Encode(value)
                : throw new FormatException($"the service has no label '{key}'");
        }

        return path == ".Service.Labels" ? ServiceLabels() : Encode(path switch
        {
            ".Service.ID" => task.ServiceId,
            ".Service.Name" => task.ServiceAnnotations?.Name ?? "",
            ".Node.ID" => task.NodeId,
            ".Node.Hostname" => context.Node?.Hostname ?? "",
            ".Node.Platform.Architecture" => context.Node?.Platform?.Architecture ?? "",
            ".Node.Platform.OS" => context.Node?.Platform?.Os ?? "",
            ".Task.ID" => task.Id,
            ".Task.Name" => TaskNaming.Name(task),
            ".Task.Slot" => task.Slot != 0 ? task.Slot.ToString(CultureInfo.InvariantCulture) : task.NodeId,
            _ => throw new FormatException($"there is no '{path}'; there are .Service.ID, .Service.Name, .Service.Labels.KEY, .Node.ID, "
                + ".Node.Hostname, .Node.Platform.Architecture, .Node.Platform.OS, .Task.ID, .Task.Name and .Task.Slot"),
        });
    }

    private IDictionary<string, string> ServiceLabels() =>
        (IDictionary<string, string>?)task.ServiceAnnotations?.Labels ?? new Dictionary<string, string>(StringComparer.Ordinal);

    private static string Text(object value) =>
        value as string ?? throw new FormatException("labels cannot be written out whole; name one, as in .Service.Labels.KEY");

    private static TaskControllerException Bad(string what, string text, string why) =>
        new($"cannot expand the template in {what} ('{(text.Length > 80 ? text[..80] + "…" : text)}'): {why}");
}
