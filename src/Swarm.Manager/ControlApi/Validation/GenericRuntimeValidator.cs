// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of tasks that are no containers; of kind "process" the payload too.</summary>
internal static class GenericRuntimeValidator
{
    /// <summary>The kind of tasks that the process executor runs.</summary>
    public const string ProcessKind = "process";

    private const int KindLengthMin = 3;

    /// <summary>Refuses a spec that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    public static void Validate(GenericRuntimeSpec spec)
    {
        string kind = spec.Kind.ToLowerInvariant();
        ControlRules.GenericKind.Require(kind.Length >= KindLengthMin && kind is not ("container" or "attachment"), spec.Kind);
        ControlRules.GenericPayload.Require(spec.Payload is { TypeUrl.Length: > 0 });
        if (kind == ProcessKind)
        {
            Process(Unpack(spec));
        }
    }

    private static ProcessSpec Unpack(GenericRuntimeSpec spec)
    {
        ControlRules.ProcessPayload.Require(spec.Payload.Is(ProcessSpec.Descriptor));
        try
        {
            return ProcessSpec.Parser.ParseFrom(spec.Payload.Value);
        }
        catch (InvalidProtocolBufferException)
        {
            throw ControlRules.ProcessPayload.Refusal();
        }
    }

    private static void Process(ProcessSpec spec)
    {
        ControlRules.ProcessCommand.Require(!string.IsNullOrWhiteSpace(spec.Command));
        NoZero(spec.Command, "command");
        foreach (string argument in spec.Args)
        {
            NoZero(argument, "an argument");
        }

        foreach (string variable in spec.Env)
        {
            NoZero(variable, "an environment variable");
            ControlRules.ProcessEnvironment.Require(variable.IndexOf('=', StringComparison.Ordinal) > 0, variable);
        }

        NoZero(spec.Dir, "the working directory");
        ControlRules.ProcessDirectory.Require(spec.Dir.Length == 0 || spec.Dir.StartsWith('/'), spec.Dir);
        NoZero(spec.User, "the user");
        ControlRules.ProcessUser.Require(IsUser(spec.User), spec.User);
        Signals.Validate(spec.StopSignal, "Process");
        ControlRules.StopGrace.Require(CommonValidator.Time(spec.StopGracePeriod, "stop grace period") is not { Ticks: < 0 }, "Process");
    }

    private static void NoZero(string text, string what) =>
        ControlRules.ProcessText.Require(!text.Contains('\0', StringComparison.Ordinal), what);

    private static bool IsUser(string user)
    {
        if (user.Length == 0)
        {
            return true;
        }

        string[] parts = user.Split(':');
        return parts.Length <= 2 && Array.TrueForAll(parts, static p => p.Length > 0 && !p.AsSpan().ContainsAny(" \t\r\n/"));
    }
}
