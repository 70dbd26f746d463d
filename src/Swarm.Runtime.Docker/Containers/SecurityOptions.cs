// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>Privileges of a specification, as the security options of an engine.</summary>
internal static class SecurityOptions
{
    /// <exception cref="TaskControllerException">A mode is not known, or a config has not arrived.</exception>
    public static List<string> Of(Privileges privileges, ITaskDependencies dependencies)
    {
        List<string> options = [];
        switch (privileges.CredentialSpec?.SourceCase)
        {
            case Privileges.Types.CredentialSpec.SourceOneofCase.File:
                options.Add("credentialspec=file://" + privileges.CredentialSpec.File);
                break;
            case Privileges.Types.CredentialSpec.SourceOneofCase.Registry:
                options.Add("credentialspec=registry://" + privileges.CredentialSpec.Registry);
                break;
            case Privileges.Types.CredentialSpec.SourceOneofCase.Config:
                // An engine knows only configs of its own swarm, so the text itself is handed over.
                string id = privileges.CredentialSpec.Config;
                Config config = dependencies.GetConfig(id)
                    ?? throw new TaskControllerException(TaskControllerErrorKind.Temporary, $"config {id} has not arrived on this node");
                options.Add("credentialspec=raw://" + config.Spec.Data.ToStringUtf8());
                break;
        }

        if (privileges.SelinuxContext is { } selinux)
        {
            options.AddRange(selinux.Disable ? ["label=disable"] : Array.Empty<string>());
            options.AddRange(new[] { ("user", selinux.User), ("role", selinux.Role), ("level", selinux.Level), ("type", selinux.Type) }
                .Where(static label => label.Item2.Length > 0)
                .Select(static label => $"label={label.Item1}:{label.Item2}"));
        }

        switch (privileges.Seccomp?.Mode)
        {
            case null or Privileges.Types.SeccompOpts.Types.SeccompMode.Default:
                break;
            case Privileges.Types.SeccompOpts.Types.SeccompMode.Unconfined:
                options.Add("seccomp=unconfined");
                break;
            case Privileges.Types.SeccompOpts.Types.SeccompMode.Custom:
                options.Add("seccomp=" + privileges.Seccomp.Profile.ToStringUtf8());
                break;
            default:
                throw new TaskControllerException($"seccomp mode {(int)privileges.Seccomp.Mode} is not known");
        }

        if (privileges.Apparmor?.Mode == Privileges.Types.AppArmorOpts.Types.AppArmorMode.Disabled)
        {
            options.Add("apparmor=unconfined");
        }

        if (privileges.NoNewPrivileges)
        {
            options.Add("no-new-privileges");
        }

        return options;
    }
}
