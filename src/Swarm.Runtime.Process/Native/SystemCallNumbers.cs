// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Swarm.Runtime.Process;

/// <summary>Numbers of the system calls made without the C library, for the two architectures supported.</summary>
internal static class SystemCallNumbers
{
    /// <summary>The same on every architecture.</summary>
    public const int PidFdSendSignal = 424;

    /// <summary>The same on every architecture.</summary>
    public const int PidFdOpen = 434;

    /// <summary>The same on every architecture.</summary>
    public const int CloseRange = 436;

    public static bool IsSupported => OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public static int SetGroups => IsArm ? 159 : 116;

    public static int SetRealEffectiveSavedUser => IsArm ? 147 : 117;

    public static int SetRealEffectiveSavedGroup => IsArm ? 149 : 119;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}
