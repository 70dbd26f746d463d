// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>A version of the Engine's HTTP API, as in 1.41. Ordered by number, not by text: 1.9 is older than 1.24.</summary>
internal readonly record struct EngineApiVersion(int Major, int Minor) : IComparable<EngineApiVersion>
{
    /// <summary>The oldest API that tasks can be run with.</summary>
    public static EngineApiVersion Oldest { get; } = new(1, 24);

    public static bool operator <(EngineApiVersion a, EngineApiVersion b) => a.CompareTo(b) < 0;

    public static bool operator >(EngineApiVersion a, EngineApiVersion b) => a.CompareTo(b) > 0;

    public static bool operator <=(EngineApiVersion a, EngineApiVersion b) => a.CompareTo(b) <= 0;

    public static bool operator >=(EngineApiVersion a, EngineApiVersion b) => a.CompareTo(b) >= 0;

    /// <summary>Reads MAJOR.MINOR, with or without a leading v.</summary>
    public static bool TryParse(string? text, out EngineApiVersion version)
    {
        version = default;
        string[] parts = (text ?? "").TrimStart('v').Split('.');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor))
        {
            return false;
        }

        version = new(major, minor);
        return true;
    }

    /// <summary>Reads MAJOR.MINOR, with or without a leading v.</summary>
    /// <exception cref="FormatException">It is nothing of the kind.</exception>
    public static EngineApiVersion Parse(string? text) =>
        TryParse(text, out EngineApiVersion version)
            ? version
            : throw new FormatException($"'{text}' is no version of the Docker Engine API; write it as 1.41");

    public int CompareTo(EngineApiVersion other)
    {
        int byMajor = Major.CompareTo(other.Major);
        return byMajor != 0 ? byMajor : Minor.CompareTo(other.Minor);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
