// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Api;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>The values of --bind, --volume, --npipe and --tmpfs.</summary>
internal static class MountFlag
{
    /// <summary>Reads SOURCE:TARGET[:ro|rw].</summary>
    /// <param name="type">What is mounted.</param>
    /// <param name="text">The value of the flag.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The text has another form.</exception>
    public static Mount Read(MountType type, string text)
    {
        string[] parts = text.Split(':');
        bool ok = parts.Length is 2 or 3 && parts[0].Length > 0 && parts[1].Length > 0 && (parts.Length == 2 || parts[2] is "ro" or "rw");
        Cli.Require(ok, $"invalid mount {text}: give SOURCE:TARGET, with :ro after it for read-only");
        return new Mount { Type = type, Source = parts[0], Target = parts[1], Readonly = parts.Length == 3 && parts[2] == "ro" };
    }

    /// <summary>Reads TARGET[:OPTION[;OPTION…]] of a mount in memory.</summary>
    /// <param name="text">The value of the flag.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="Swarm.Core.SwarmException">The text has another form.</exception>
    public static Mount Tmpfs(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string target = colon < 0 ? text : text[..colon];
        Cli.Require(target.Length > 0, $"invalid tmpfs {text}: give TARGET, with :size=64m;mode=1777;ro after it as needed");
        var mount = new Mount { Type = MountType.Tmpfs, Target = target, TmpfsOptions = new Mount.Types.TmpfsOptions() };
        string options = colon < 0 ? "" : text[(colon + 1)..];
        foreach (string option in options.Split([';', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            (string key, string value) = Parse.Pair(option);
            switch (key)
            {
                case "size":
                    mount.TmpfsOptions.SizeBytes = Parse.Bytes(value);
                    break;
                case "mode":
                    mount.TmpfsOptions.Mode = Mode(value, text);
                    break;
                case "ro" or "rw":
                    mount.Readonly = key == "ro";
                    break;
                default:
                    Cli.Require(false, $"invalid tmpfs {text}: the options are size, mode, ro and rw");
                    break;
            }
        }

        return mount;
    }

    // The wire has Go's bits: permissions in the low nine, the sticky bit at 20.
    private static uint Mode(string octal, string text)
    {
        const uint Sticky = 0x200, GoSticky = 1 << 20, Permissions = 0x1FF;
        bool digits = octal.Length is >= 1 and <= 4 && !octal.AsSpan().ContainsAnyExcept("01234567");
        Cli.Require(digits, $"invalid tmpfs {text}: {octal} is not an octal mode such as 1777");
        uint mode = Convert.ToUInt32(octal, 8);
        Cli.Require(
            (mode & ~(Sticky | Permissions)) == 0, string.Create(CultureInfo.InvariantCulture, $"invalid tmpfs {text}: mode above 1777"));
        return (mode & Permissions) | ((mode & Sticky) == 0 ? 0 : GoSticky);
    }
}
