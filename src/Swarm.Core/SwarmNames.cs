// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Core;

/// <summary>Which names objects may have.</summary>
public static class SwarmNames
{
    /// <summary>Longest name of a service or network, in characters.</summary>
    public const int ServiceNameMax = 63;

    /// <summary>Longest name of a secret or config, in characters.</summary>
    public const int SecretNameMax = 64;

    /// <summary>
    /// Whether a name may be a service's or network's: letters, digits, '-' and '_', first and last a letter or digit,
    /// at most 63 characters.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns>True if it may.</returns>
    public static bool IsServiceName(ReadOnlySpan<char> name) => IsName(name, ServiceNameMax, allowDot: false);

    /// <summary>Whether a name may be a secret's or config's: as a service's, and '.' inside; at most 64 characters.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True if it may.</returns>
    public static bool IsSecretName(ReadOnlySpan<char> name) => IsName(name, SecretNameMax, allowDot: true);

    private static bool IsName(ReadOnlySpan<char> name, int most, bool allowDot)
    {
        if (name.IsEmpty || name.Length > most || !char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_') && !(allowDot && c == '.'))
            {
                return false;
            }
        }

        return true;
    }
}
