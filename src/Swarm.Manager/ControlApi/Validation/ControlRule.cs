// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Core;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>
/// One rule of the control API: its name, and the code and text it refuses with. Each rule stands once in
/// <see cref="ControlRules"/>; <c>tests/validation-table.md</c> names a refused and an accepted input of each.
/// </summary>
/// <param name="Id">The name in the table, small letters and dashes.</param>
/// <param name="Code">The kind of error.</param>
/// <param name="Text">The text, as of <see cref="string.Format(string, object)"/>.</param>
internal sealed record ControlRule(string Id, SwarmErrorCode Code, string Text)
{
    /// <summary>The error that says a request broke this rule.</summary>
    /// <param name="arguments">What the places in the text stand for.</param>
    /// <returns>The error, to be thrown.</returns>
    public SwarmException Refusal(params ReadOnlySpan<object?> arguments) =>
        new(Code, string.Format(CultureInfo.InvariantCulture, Text, arguments));

    /// <summary>Refuses unless a condition holds.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="arguments">What the places in the text stand for.</param>
    /// <exception cref="SwarmException">It does not hold.</exception>
    public void Require(bool holds, params ReadOnlySpan<object?> arguments)
    {
        if (!holds)
        {
            throw Refusal(arguments);
        }
    }
}
