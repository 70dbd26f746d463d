// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of secrets and configs that need no store.</summary>
internal static class DataSpecValidator
{
    /// <summary>Data of a secret has fewer bytes than this.</summary>
    public const int SecretBytesLimit = 500 * 1024;

    /// <summary>Data of a config has fewer bytes than this.</summary>
    public const int ConfigBytesLimit = 1000 * 1024;

    /// <summary>Refuses a secret that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    public static void Secret(SecretSpec? spec)
    {
        ControlRules.SpecPresent.Require(spec is not null, "secret");
        CommonValidator.SecretName(spec!.Annotations);
        CommonValidator.Driver(spec.Driver);
        CommonValidator.Driver(spec.Templating);
        ControlRules.SecretDriverLater.Require(spec.Driver is null);
        ControlRules.TemplatingLater.Require(spec.Templating is null);
        Data(spec.Data, "secret", SecretBytesLimit);
    }

    /// <summary>Refuses a config that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    public static void Config(ConfigSpec? spec)
    {
        ControlRules.SpecPresent.Require(spec is not null, "config");
        CommonValidator.SecretName(spec!.Annotations);
        CommonValidator.Driver(spec.Templating);
        ControlRules.TemplatingLater.Require(spec.Templating is null);
        Data(spec.Data, "config", ConfigBytesLimit);
    }

    private static void Data(ByteString data, string kind, int limit) =>
        ControlRules.DataSize.Require(data.Length > 0 && data.Length < limit, kind, limit);
}
