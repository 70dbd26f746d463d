// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;
using Swarm.Api.Ext;
using Swarm.Samples.Swarmctl.Output;
using Option = System.CommandLine.Option;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>From flags to what a task runs: a container or a process.</summary>
/// <param name="flags">The flags.</param>
/// <param name="typed">What was typed.</param>
internal sealed class WorkMapper(ServiceFlags flags, ParseResult typed)
{
    // Read by everybody, as files of secrets are in SwarmKit.
    private const uint FileMode = 0x124;

    /// <summary>Changes a task spec by what was typed.</summary>
    /// <param name="spec">The spec, with its runtime chosen.</param>
    public void Apply(TaskSpec spec)
    {
        if (spec.Container is { } container)
        {
            Container(container);
            Data(container);
            return;
        }

        Option? foreign = flags.ContainerOnly.FirstOrDefault(Typed) ?? (Typed(flags.Image) ? flags.Image : null);
        Cli.Require(foreign is null, $"{foreign?.Name} is for containers, and this service runs no containers");
        if (spec.Generic is { Kind: Work.ProcessKind } generic)
        {
            ProcessSpec process = Work.Process(spec) ?? new ProcessSpec();
            Process(process);
            generic.Payload = Any.Pack(process);
        }

        References(spec);
    }

    private bool Typed(Option option) => typed.GetResult(option) is { Implicit: false };

    private void Process(ProcessSpec process)
    {
        bool command = Typed(flags.Command);
        if (command)
        {
            process.Command = typed.GetValue(flags.Command)![0];
        }

        if (command || Typed(flags.Args))
        {
            // A command of several words is a program and its first arguments.
            IEnumerable<string> first = command ? typed.GetValue(flags.Command)!.Skip(1) : [];
            SpecFlags.Replace(process.Args, [.. first, .. Typed(flags.Args) ? typed.GetValue(flags.Args)! : []]);
        }

        if (Typed(flags.Env))
        {
            SpecFlags.Replace(process.Env, typed.GetValue(flags.Env)!);
        }

        process.Dir = typed.GetValue(flags.Dir) ?? process.Dir;
        process.User = typed.GetValue(flags.User) ?? process.User;
        process.StopSignal = typed.GetValue(flags.StopSignal) ?? process.StopSignal;
        process.StopGracePeriod =
            typed.GetValue(flags.StopGracePeriod) is { } grace ? Duration.FromTimeSpan(grace) : process.StopGracePeriod;
    }

    private void Container(ContainerSpec container)
    {
        container.Image = typed.GetValue(flags.Image) ?? container.Image;
        container.Hostname = typed.GetValue(flags.Hostname) ?? container.Hostname;
        container.Dir = typed.GetValue(flags.Dir) ?? container.Dir;
        container.User = typed.GetValue(flags.User) ?? container.User;
        container.StopSignal = typed.GetValue(flags.StopSignal) ?? container.StopSignal;
        container.StopGracePeriod =
            typed.GetValue(flags.StopGracePeriod) is { } grace ? Duration.FromTimeSpan(grace) : container.StopGracePeriod;
        container.Init = typed.GetValue(flags.Init) ?? container.Init;
        container.Tty = typed.GetValue(flags.Tty) ?? container.Tty;
        container.OpenStdin = typed.GetValue(flags.OpenStdin) ?? container.OpenStdin;
        ReplaceIfTyped(container.Command, flags.Command);
        ReplaceIfTyped(container.Args, flags.Args);
        ReplaceIfTyped(container.Env, flags.Env);
        if (Typed(flags.Ulimit))
        {
            SpecFlags.Replace(container.Ulimits, typed.GetValue(flags.Ulimit)!.Select(Ulimit));
        }

        foreach (string capability in typed.GetValue(flags.AddCapability) ?? [])
        {
            container.CapabilityDrop.Remove(capability);
            AddOnce(container.CapabilityAdd, capability);
        }

        foreach (string capability in typed.GetValue(flags.RemoveCapability) ?? [])
        {
            container.CapabilityAdd.Remove(capability);
            AddOnce(container.CapabilityDrop, capability);
        }

        Mounts(container);
    }

    // A mount takes the place of one on the same target.
    private void Mounts(ContainerSpec container)
    {
        Mount[] mounts =
        [
            .. (typed.GetValue(flags.Bind) ?? []).Select(static t => MountFlag.Read(MountType.Bind, t)),
            .. (typed.GetValue(flags.Volume) ?? []).Select(static t => MountFlag.Read(MountType.Volume, t)),
            .. (typed.GetValue(flags.Npipe) ?? []).Select(static t => MountFlag.Read(MountType.Npipe, t)),
            .. (typed.GetValue(flags.Tmpfs) ?? []).Select(MountFlag.Tmpfs),
        ];
        Mount[] kept = [.. container.Mounts.Where(m => !mounts.Any(n => n.Target == m.Target))];
        SpecFlags.Replace(container.Mounts, [.. kept, .. mounts]);
    }

    private void Data(ContainerSpec container)
    {
        foreach (string name in typed.GetValue(flags.RemoveSecret) ?? [])
        {
            SpecFlags.Replace(container.Secrets, [.. container.Secrets.Where(s => s.SecretName != name)]);
        }

        foreach (string name in typed.GetValue(flags.RemoveConfig) ?? [])
        {
            SpecFlags.Replace(container.Configs, [.. container.Configs.Where(c => c.ConfigName != name)]);
        }

        foreach ((string name, string target) in Both(flags.Secret, flags.AddSecret))
        {
            container.Secrets.Add(new SecretReference { SecretName = name, File = File(target) });
        }

        foreach ((string name, string target) in Both(flags.Config, flags.AddConfig))
        {
            container.Configs.Add(new ConfigReference { ConfigName = name, File = File(target) });
        }
    }

    // Tasks that are no containers have references without a target; for now they hold names.
    private void References(TaskSpec spec)
    {
        string[] gone = [.. typed.GetValue(flags.RemoveSecret) ?? [], .. typed.GetValue(flags.RemoveConfig) ?? []];
        Cli.Require(
            gone.Length == 0, "--rm-secret and --rm-config are for containers; create the service anew to take secrets from processes");
        foreach ((string name, string _) in Both(flags.Secret, flags.AddSecret))
        {
            spec.ResourceReferences.Add(new ResourceReference { ResourceId = name, ResourceType = ResourceType.Secret });
        }

        foreach ((string name, string _) in Both(flags.Config, flags.AddConfig))
        {
            spec.ResourceReferences.Add(new ResourceReference { ResourceId = name, ResourceType = ResourceType.Config });
        }
    }

    private IEnumerable<(string Name, string Target)> Both(Option<string[]> first, Option<string[]> second)
    {
        foreach (string text in (typed.GetValue(first) ?? []).Concat(typed.GetValue(second) ?? []))
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            yield return colon < 0 ? (text, text) : (text[..colon], text[(colon + 1)..]);
        }
    }

    private static FileTarget File(string name) => new() { Name = name, Uid = "0", Gid = "0", Mode = FileMode };

    private static void AddOnce(ICollection<string> list, string value)
    {
        if (!list.Contains(value))
        {
            list.Add(value);
        }
    }

    private void ReplaceIfTyped(Google.Protobuf.Collections.RepeatedField<string> list, Option<string[]> option)
    {
        if (Typed(option))
        {
            SpecFlags.Replace(list, typed.GetValue(option)!);
        }
    }

    private static ContainerSpec.Types.Ulimit Ulimit(string text)
    {
        (string name, string values) = Parse.Pair(text);
        string[] parts = values.Split(':');
        bool softOk = long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long soft);
        bool hardOk = long.TryParse(parts[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long hard);
        Cli.Require(softOk && hardOk && parts.Length <= 2 && name.Length > 0, $"invalid ulimit {text}: give NAME=SOFT or NAME=SOFT:HARD");
        return new ContainerSpec.Types.Ulimit { Name = name, Soft = soft, Hard = hard };
    }
}
