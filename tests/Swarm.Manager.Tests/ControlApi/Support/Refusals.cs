// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Swarm.Core;
using Swarm.Manager.ControlApi.Validation;

namespace Swarm.Manager.Tests.ControlApi;

/// <summary>Asserts that a rule refuses: with its code, and with its text.</summary>
internal static partial class Refusals
{
    public static SwarmException Refuses(this ControlRule rule, Action action) => Check(rule, Assert.Throws<SwarmException>(action));

    public static async Task<SwarmException> RefusesAsync(this ControlRule rule, Func<Task> action) =>
        Check(rule, await Assert.ThrowsAsync<SwarmException>(action));

    private static SwarmException Check(ControlRule rule, SwarmException error)
    {
        Assert.Equal(rule.Code, error.Code);
        string pattern = "^" + Place().Replace(Regex.Escape(rule.Text), ".*") + "$";
        Assert.Matches(pattern, error.Message);
        return error;
    }

    // What Regex.Escape leaves of {0}.
    [GeneratedRegex(@"\\\{\d}")]
    private static partial Regex Place();
}
