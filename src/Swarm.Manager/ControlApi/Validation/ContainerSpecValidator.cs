// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf.WellKnownTypes;
using Swarm.Api;

namespace Swarm.Manager.ControlApi.Validation;

/// <summary>The rules of a container spec that need no store.</summary>
internal static class ContainerSpecValidator
{
    /// <summary>Refuses a spec that breaks a rule.</summary>
    /// <param name="spec">The spec.</param>
    public static void Validate(ContainerSpec spec)
    {
        ControlRules.ImagePresent.Require(spec.Image.Length > 0);
        ControlRules.ImageForm.Require(ImageReference.IsValid(spec.Image), spec.Image);
        Signals.Validate(spec.StopSignal, "ContainerSpec");
        ControlRules.StopGrace.Require(
            CommonValidator.Time(spec.StopGracePeriod, "stop grace period") is not { Ticks: < 0 }, "ContainerSpec");
        CommonValidator.Known(spec.Isolation, "isolation");
        Mounts(spec.Mounts);
        Health(spec.Healthcheck);
        References(spec);
    }

    private static void Mounts(IEnumerable<Mount> mounts)
    {
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (Mount mount in mounts)
        {
            CommonValidator.Known(mount.Type, "mount type");
            ControlRules.MountTarget.Require(mount.Target.Length > 0);
            ControlRules.MountDuplicate.Require(targets.Add(mount.Target), mount.Target);
            bool needsSource = mount.Type is Mount.Types.Type.Bind or Mount.Types.Type.Cluster or Mount.Types.Type.Npipe;
            string type = mount.Type.ToString().ToLowerInvariant();
            ControlRules.MountSource.Require(!needsSource || mount.Source.Length > 0, type, mount.Target);
            ControlRules.MountSize.Require(mount.TmpfsOptions is not { SizeBytes: < 0 }, mount.Target);
            ControlRules.MountClusterVolume.Require(
                mount.Type == Mount.Types.Type.Cluster || !mount.Source.StartsWith("group:", StringComparison.Ordinal), mount.Source, type);
        }
    }

    private static void Health(HealthConfig? health)
    {
        if (health is null)
        {
            return;
        }

        HealthTime(health.Interval, "Interval");
        HealthTime(health.Timeout, "Timeout");
        HealthTime(health.StartPeriod, "StartPeriod");
        HealthTime(health.StartInterval, "StartInterval");
        ControlRules.HealthRetries.Require(health.Retries >= 0);
    }

    private static void HealthTime(Duration? duration, string what)
    {
        TimeSpan time = CommonValidator.Time(duration, what) ?? TimeSpan.Zero;
        ControlRules.HealthTime.Require(time == TimeSpan.Zero || time >= TimeSpan.FromMilliseconds(1), what);
    }

    private static void References(ContainerSpec spec)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (SecretReference secret in spec.Secrets)
        {
            Reference("secret", secret.SecretId, secret.SecretName);
            ControlRules.SecretReference.Require(secret.File is not null, "secret", "no target provided");
            Target("secret", secret.SecretName, secret.File!, files);
        }

        files.Clear();
        foreach (ConfigReference config in spec.Configs)
        {
            Reference("config", config.ConfigId, config.ConfigName);
            ControlRules.SecretReference.Require(
                config.TargetCase != ConfigReference.TargetOneofCase.None, "config", "no target provided");
            if (config.File is not null)
            {
                Target("config", config.ConfigName, config.File, files);
            }
        }
    }

    private static void Reference(string kind, string id, string name)
    {
        ControlRules.SecretReference.Require(id.Length > 0, kind, "no ID provided");
        ControlRules.SecretReference.Require(name.Length > 0, kind, "no name provided");
    }

    private static void Target(string kind, string name, FileTarget file, Dictionary<string, string> files)
    {
        ControlRules.SecretReference.Require(file.Name.Length > 0, kind, "no file target name provided");
        ControlRules.SecretTarget.Require(files.TryAdd(file.Name, name), kind, files.GetValueOrDefault(file.Name), name, file.Name);
    }
}
