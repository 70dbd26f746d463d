// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Secrets;

/// <summary>Finds the secrets and configs of a task and says which files they become.</summary>
internal static class DependencyPlanner
{
    private const string SecretsInside = "/run/secrets/";
    private const string ConfigsInside = "/";

    /// <summary>The files, in the order of the specification, secrets first.</summary>
    /// <exception cref="TaskControllerException">Fatal: the engine is elsewhere, or a target is no file name. Temporary: a secret or config
    /// has not arrived on this node.</exception>
    public static IReadOnlyList<DependencyFile> Plan(Api.Task task, ContainerSpec spec, ContainerPlanContext context)
    {
        List<DependencyFile> files = [];
        var template = new PayloadTemplate(task, spec, context);
        foreach (SecretReference reference in spec.Secrets)
        {
            string what = $"secret {reference.SecretName}";
            FileTarget target = reference.File ?? throw new TaskControllerException($"{what} has no file as its target");
            Secret secret = context.Dependencies.GetSecret(reference.SecretId) ?? throw Missing(what, reference.SecretId);
            ByteString data = template.Expand(secret.Spec.Data, secret.Spec.Templating, what);
            files.Add(File(context, task.Id, files.Count, what, target, SecretsInside, data));
        }

        // A config the runtime itself uses, as a credential spec, is no file.
        foreach (ConfigReference reference in spec.Configs.Where(static r => r.TargetCase != ConfigReference.TargetOneofCase.Runtime))
        {
            string what = $"config {reference.ConfigName}";
            FileTarget target = reference.File ?? throw new TaskControllerException($"{what} has no file as its target");
            Config config = context.Dependencies.GetConfig(reference.ConfigId) ?? throw Missing(what, reference.ConfigId);
            ByteString data = template.Expand(config.Spec.Data, config.Spec.Templating, what);
            files.Add(File(context, task.Id, files.Count, what, target, ConfigsInside, data));
        }

        return files;
    }

    private static DependencyFile File(
        ContainerPlanContext context, string taskId, int index, string what, FileTarget target, string inside, ByteString data)
    {
        string directory = context.SecretsDirectory ?? throw new TaskControllerException(
            $"{what}: secrets and configs are files in this host's memory, but the engine is on another host; "
            + "run a node on the engine's host, or take them out of the service");
        return new DependencyFile(
            Path.Combine(SecretsFiles.DirectoryOf(directory, taskId), index.ToString(CultureInfo.InvariantCulture)),
            Inside(target.Name, inside, what),
            data,
            Number(target.Uid, what),
            Number(target.Gid, what),
            GoFileMode.ToUnix(target.Mode));
    }

    private static string Inside(string name, string inside, string what)
    {
        string path = name.StartsWith('/') ? name : inside + name;
        bool isFile = name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal)
            && path[1..].Split('/').All(static part => part is not ("" or "." or ".."));
        return isFile ? path : throw new TaskControllerException($"{what}: its target '{name}' is no name or absolute path of a file");
    }

    private static uint Number(string text, string what) =>
        text.Length == 0 ? 0
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number
        : throw new TaskControllerException($"{what}: '{text}' is no number of a user or group");

    private static TaskControllerException Missing(string what, string id) =>
        new(TaskControllerErrorKind.Temporary, $"{what} ({id}) has not arrived on this node");
}
