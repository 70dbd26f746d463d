// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using System.Globalization;
using System.Text.Json;
using Docker.DotNet.Models;
using Swarm.Api;
using EngineBindOptions = Docker.DotNet.Models.BindOptions;
using EngineDriver = Docker.DotNet.Models.Driver;
using EngineMount = Docker.DotNet.Models.Mount;
using EngineTmpfsOptions = Docker.DotNet.Models.TmpfsOptions;
using EngineVolumeOptions = Docker.DotNet.Models.VolumeOptions;
using MountType = Swarm.Api.Mount.Types.Type;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>Checks the mounts of a specification and puts them as engines take them.</summary>
internal static class MountPlanner
{
    /// <summary>Checks a mount and makes it one for an engine that knows mounts (API 1.25).</summary>
    /// <exception cref="TaskControllerException">Fatal: it cannot be mounted as it is.</exception>
    public static EngineMount Plan(Api.Mount mount, TaskTemplate template)
    {
        string source = template.Expand(mount.Source, "a mount source");
        string target = template.Expand(mount.Target, "a mount target");
        Check(mount, source, target);
        return new EngineMount
        {
            Type = mount.Type switch
            {
                MountType.Bind => "bind",
                MountType.Volume => "volume",
                MountType.Tmpfs => "tmpfs",
                _ => "npipe",
            },
            Source = source.Length > 0 ? source : null,
            Target = target,
            ReadOnly = mount.Readonly,
            BindOptions = mount.Type == MountType.Bind && mount.BindOptions is { } bind ? Bind(bind) : null,
            VolumeOptions = mount.Type == MountType.Volume && mount.VolumeOptions is { } volume ? Volume(volume, template) : null,
            TmpfsOptions = mount.Type == MountType.Tmpfs && mount.TmpfsOptions is { } tmpfs ? Tmpfs(tmpfs) : null,
        };
    }

    /// <summary>Puts mounts the way that engines before API 1.25 know: SOURCE:TARGET:OPTIONS, and memory apart.</summary>
    public static void PutAsBinds(IEnumerable<EngineMount> mounts, CreateContainerParameters create)
    {
        foreach (EngineMount mount in mounts)
        {
            if (mount.Type == "tmpfs")
            {
                (create.HostConfig.Tmpfs ??= new SortedDictionary<string, string>(StringComparer.Ordinal))[mount.Target] = TmpfsText(mount);
                continue;
            }

            if (mount.Source is null)
            {
                (create.Volumes ??= new SortedDictionary<string, EmptyStruct>(StringComparer.Ordinal))[mount.Target] = new EmptyStruct();
                continue;
            }

            if (mount.Source.Contains(':', StringComparison.Ordinal) || mount.Target.Contains(':', StringComparison.Ordinal))
            {
                throw new TaskControllerException(
                    $"mount of '{mount.Source}' at '{mount.Target}': a path with a colon needs Docker Engine API 1.25 or newer");
            }

            string[] options =
            [
                .. mount.ReadOnly == true ? ["ro"] : Array.Empty<string>(),
                .. mount.BindOptions?.Propagation is { Length: > 0 } propagation ? [propagation] : Array.Empty<string>(),
                .. mount.VolumeOptions?.NoCopy == true ? ["nocopy"] : Array.Empty<string>(),
            ];
            (create.HostConfig.Binds ??= []).Add(
                $"{mount.Source}:{mount.Target}" + (options.Length > 0 ? ":" + string.Join(',', options) : ""));
        }
    }

    private static void Check(Api.Mount mount, string source, string target)
    {
        string at = $"mount at '{target}'";
        bool isAbsolute = source.StartsWith('/') || (source.Length > 2 && source[1] == ':' && source[2] is '\\' or '/');
        string? wrong = mount.Type switch
        {
            MountType.Bind when !isAbsolute => $"a bind needs an absolute path of the host as its source, not '{source}'",
            MountType.Volume when isAbsolute => $"a volume needs a name as its source, not the path '{source}'; use a bind for a path",
            MountType.Tmpfs when source.Length > 0 => $"memory has no source; '{source}' was given",
            MountType.Npipe when source.Length == 0 => "a named pipe needs a source",
            MountType.Cluster => "cluster volumes cannot be mounted by this node",
            < MountType.Bind or > MountType.Cluster => $"type {(int)mount.Type} is not known",
            _ => WrongOptions(mount),
        };
        if (mount.Type != MountType.Npipe && !target.StartsWith('/') && !(target.Length > 2 && target[1] == ':'))
        {
            wrong = "the target must be an absolute path";
        }

        if (wrong is not null)
        {
            throw new TaskControllerException($"{at}: {wrong}");
        }
    }

    private static string? WrongOptions(Api.Mount mount)
    {
        bool bind = mount.Type != MountType.Bind && mount.BindOptions is { } b && !b.Equals(new Api.Mount.Types.BindOptions());
        bool volume = mount.Type != MountType.Volume && mount.VolumeOptions is { } v && !v.Equals(new Api.Mount.Types.VolumeOptions());
        bool tmpfs = mount.Type != MountType.Tmpfs && mount.TmpfsOptions is { } t && !t.Equals(new Api.Mount.Types.TmpfsOptions());
        string? options = bind ? "a bind" : volume ? "a volume" : tmpfs ? "memory" : null;
        return options is null ? null : $"it has options of {options} but is a {mount.Type.ToString().ToLowerInvariant()}";
    }

    private static EngineBindOptions Bind(Api.Mount.Types.BindOptions options) => new()
    {
        Propagation = options.Propagation.ToString().ToLowerInvariant(),
        NonRecursive = options.Nonrecursive ? true : null,
        CreateMountpoint = options.Createmountpoint ? true : null,
        ReadOnlyNonRecursive = options.Readonlynonrecursive ? true : null,
        ReadOnlyForceRecursive = options.Readonlyforcerecursive ? true : null,
    };

    private static EngineVolumeOptions Volume(Api.Mount.Types.VolumeOptions options, TaskTemplate template) => new()
    {
        NoCopy = options.Nocopy,
        Labels = options.Labels.Count > 0 ? Expand(options.Labels, "a volume label", template) : null,
        Subpath = options.Subpath.Length > 0 ? options.Subpath : null,
        DriverConfig = options.DriverConfig is { } driver
            ? new EngineDriver { Name = driver.Name, Options = Expand(driver.Options, "a volume option", template) }
            : null,
    };

    private static SortedDictionary<string, string> Expand(IDictionary<string, string> map, string what, TaskTemplate template)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in map)
        {
            result[key] = template.Expand(value, $"{what} {key}");
        }

        return result;
    }

    private static EngineTmpfsOptions Tmpfs(Api.Mount.Types.TmpfsOptions options) => new()
    {
        SizeBytes = options.SizeBytes > 0 ? options.SizeBytes : null,
        Mode = options.Mode != 0 ? options.Mode : null,
        Options = options.Options.Length > 0 ? ReadOptions(options.Options) : null,
    };

    // A JSON list of lists of one or two strings: [["noexec"],["uid","1000"]].
    private static List<IList<string>> ReadOptions(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(static IList<string> (option) =>
                [.. option.EnumerateArray().Select(static word => word.GetString() ?? "")])];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TaskControllerException($"options of memory must be a JSON list of lists of strings, not '{json}'", e);
        }
    }

    private static string TmpfsText(EngineMount mount)
    {
        string[] options =
        [
            .. mount.ReadOnly == true ? ["ro"] : Array.Empty<string>(),
            .. mount.TmpfsOptions?.SizeBytes is { } size
                ? [string.Create(CultureInfo.InvariantCulture, $"size={size}")] : Array.Empty<string>(),
            .. mount.TmpfsOptions?.Mode is { } mode
                ? ["mode=" + Convert.ToString((int)GoFileMode.ToUnix(mode), 8)] : Array.Empty<string>(),
        ];
        return string.Join(',', options);
    }
}
