// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Swarm.Samples.Swarmctl.Output;

/// <summary>Values of enumerations as the wire names them.</summary>
internal static class Wire
{
    /// <summary>The name of a value.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <param name="value">The value.</param>
    /// <returns>Capital letters with underlines between words: ROLLBACK_STARTED.</returns>
    public static string Name<T>(T value)
        where T : struct, Enum
    {
        var name = new StringBuilder();
        foreach (char c in value.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }
}
