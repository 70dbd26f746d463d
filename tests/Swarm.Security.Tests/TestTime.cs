// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Security.Tests;

internal static class TestTime
{
    public static readonly DateTimeOffset Now = new(2030, 5, 17, 12, 0, 0, TimeSpan.Zero);
}
