// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Samples.Swarmctl.Output;

/// <summary>What inspect prints: names in one column, values behind colons. A heading line without a column starts a new one.</summary>
internal sealed class FieldList
{
    private const int Gap = 8;

    private readonly List<(string Name, string? Value)> _lines = [];

    /// <summary>Adds a name and its value.</summary>
    /// <param name="name">The name, indented as it should appear.</param>
    /// <param name="value">The value.</param>
    public void Add(string name, string value) => _lines.Add((name, ": " + value));

    /// <summary>Adds a name and its value, if there is a value.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; empty or null for none.</param>
    public void AddIfSet(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Add(name, value);
        }
    }

    /// <summary>Adds a heading that stands in the column of names.</summary>
    /// <param name="name">The heading.</param>
    public void Head(string name) => _lines.Add((name, ""));

    /// <summary>Adds a line of its own, which also ends the column.</summary>
    /// <param name="text">The line.</param>
    public void Line(string text) => _lines.Add((text, null));

    /// <summary>Adds labels below a heading, by name; nothing for none.</summary>
    /// <param name="heading">The heading.</param>
    /// <param name="indent">What stands before each label.</param>
    /// <param name="labels">The labels.</param>
    public void Labels(string heading, string indent, IEnumerable<KeyValuePair<string, string>>? labels)
    {
        bool first = true;
        foreach ((string key, string value) in (labels ?? []).OrderBy(static l => l.Key, StringComparer.Ordinal))
        {
            if (first)
            {
                Head(heading);
                first = false;
            }

            Add(indent + key, value);
        }
    }

    /// <summary>Writes the list.</summary>
    /// <param name="output">Where to.</param>
    public void WriteTo(TextWriter output)
    {
        for (int start = 0; start < _lines.Count;)
        {
            if (_lines[start].Value is null)
            {
                output.WriteLine(_lines[start].Name);
                start++;
                continue;
            }

            int end = start;
            while (end < _lines.Count && _lines[end].Value is not null)
            {
                end++;
            }

            int width = _lines.Skip(start).Take(end - start).Max(static l => l.Name.Length) + Gap;
            for (; start < end; start++)
            {
                output.Write(_lines[start].Name.PadRight(width));
                output.WriteLine(_lines[start].Value);
            }
        }
    }
}
