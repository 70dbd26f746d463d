// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Options;
using Swarm.Core;

namespace Swarm.Hosting;

/// <summary>Has the options checked when the host starts, not when they are first used.</summary>
internal sealed class SwarmNodeOptionsValidator : IValidateOptions<SwarmNodeOptions>
{
    public ValidateOptionsResult Validate(string? name, SwarmNodeOptions options)
    {
        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (SwarmException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
    }
}
