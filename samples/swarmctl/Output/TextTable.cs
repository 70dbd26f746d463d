// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Samples.Swarmctl.Output;

/// <summary>A plain table: headings, dashes under them, rows. Each column but the last is as wide as its widest cell and the gap.</summary>
/// <param name="gap">Spaces between columns.</param>
/// <param name="headings">The headings.</param>
internal sealed class TextTable(int gap, params string[] headings)
{
    /// <summary>The gap of what ls prints.</summary>
    public const int ListGap = 2;

    /// <summary>The gap of tables below an inspected object.</summary>
    public const int InspectGap = 4;

    private readonly List<string[]> _rows = [headings, Array.ConvertAll(headings, static h => new string('-', h.Length))];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">As many as there are headings; line ends inside become spaces.</param>
    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, static c => c.ReplaceLineEndings(" ")));

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    public void WriteTo(TextWriter output)
    {
        int last = headings.Length - 1;
        int[] widths = new int[last];
        for (int i = 0; i < last; i++)
        {
            int column = i;
            widths[i] = _rows.Max(r => r[column].Length) + gap;
        }

        foreach (string[] row in _rows)
        {
            for (int i = 0; i < last; i++)
            {
                output.Write(row[i].PadRight(widths[i]));
            }

            output.WriteLine(row[last]);
        }
    }
}
