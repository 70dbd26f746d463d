// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Api.Ext;

namespace Swarm.Runtime.Process;

/// <summary>
/// Checks the specification of a task and finds what it names on this node. Every refusal is one line for whoever wrote the
/// specification.
/// </summary>
internal static partial class ProcessPlanner
{
    /// <summary>The task's id; a specification cannot set it.</summary>
    public const string TaskIdVariable = "SWARM_TASK_ID";

    /// <summary>The task's own directory, by which its processes are found again; a specification cannot set it.</summary>
    public const string TaskDirectoryVariable = "SWARM_TASK_DIR";

    // MAX_ARG_STRLEN of Linux, with the NUL at the end.
    private const int TextBytesMax = 128 * 1024;

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Reads the payload of a task.</summary>
    /// <exception cref="TaskControllerException">It is not a specification of a process.</exception>
    public static ProcessSpec ReadSpec(Api.Task task)
    {
        try
        {
            if (task.Spec?.Generic?.Payload?.TryUnpack(out ProcessSpec spec) == true)
            {
                return spec;
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new TaskControllerException("the specification of the process cannot be read: it is not a swarm.ext.v1.ProcessSpec", e);
        }

        throw new TaskControllerException("the payload of a 'process' task must be a swarm.ext.v1.ProcessSpec");
    }

    /// <summary>Makes the plan.</summary>
    /// <exception cref="TaskControllerException">The task cannot run on this node; says why.</exception>
    public static ProcessPlan Plan(Api.Task task, ProcessExecutorOptions options)
    {
        ProcessSpec spec = ReadSpec(task);
        foreach (string text in spec.Args.Concat(spec.Env).Append(spec.Command).Append(spec.Dir))
        {
            Require(!text.Contains('\0'), "command, arguments, environment and directory cannot contain a NUL character");
            Require(
                Encoding.UTF8.GetByteCount(text) < TextBytesMax,
                $"an argument or a variable is longer than the {TextBytesMax - 1} bytes that the system takes");
        }

        int signal = StopSignal.Parse(spec.StopSignal);
        TimeSpan grace = spec.StopGracePeriod is { } given ? given.ToTimeSpan() : options.StopGracePeriod;
        Require(grace >= TimeSpan.Zero, "the stop grace period must not be negative");
        CheckEnvironment(spec);
        UserAccount? user = ResolveUser(spec.User);
        string? directory = ResolveDirectory(spec.Dir);
        CheckReach(directory ?? "/", user);
        string program = ResolveProgram(spec.Command, directory, options, user);
        Resources limits = task.Spec.Resources?.Limits ?? new Resources();
        Require(limits.MemoryBytes >= 0 && limits.NanoCpus >= 0, "limits of memory and cpu must not be negative");
        return new ProcessPlan(
            program, [.. spec.Args], [.. spec.Env], directory, user, signal, grace, limits.MemoryBytes, limits.NanoCpus);
    }

    private static void CheckEnvironment(ProcessSpec spec)
    {
        foreach (string entry in spec.Env)
        {
            int equals = entry.IndexOf('=');
            Require(equals > 0, $"environment variable '{entry}' is not of the form NAME=VALUE");
            string name = entry[..equals];
            Require(VariableName().IsMatch(name), $"environment variable name '{name}' must be letters, digits and underscores");
            Require(
                name is not (TaskIdVariable or TaskDirectoryVariable),
                $"environment variable {name} is set by the executor and cannot be given");
        }
    }

    private static UserAccount? ResolveUser(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        UserAccount user = UserAccount.Find(text);
        if (!LibC.IsRoot)
        {
            Require(
                user.Uid == LibC.geteuid() && user.Gid == LibC.getegid(),
                $"cannot run as user {user.Name}: the agent of this node does not run as root");
            return null;
        }

        return user;
    }

    private static string? ResolveDirectory(string directory)
    {
        if (directory.Length == 0)
        {
            return null;
        }

        Require(Path.IsPathFullyQualified(directory), $"working directory must be an absolute path: {directory}");
        Require(!File.Exists(directory), $"working directory is not a directory: {directory}");
        Require(Directory.Exists(directory), $"working directory does not exist: {directory}");
        return directory;
    }

    private static string ResolveProgram(string command, string? directory, ProcessExecutorOptions options, UserAccount? user)
    {
        Require(command.Length > 0, "no command given");
        if (command.Contains('/'))
        {
            Require(
                Path.IsPathFullyQualified(command) || directory is not null,
                $"command must be an absolute path, or a name to look up in PATH: {command}");
            string path = Path.GetFullPath(command, directory ?? "/");
            Require(!Directory.Exists(path), $"command is a directory: {command}");
            Require(File.Exists(path), $"command not found: {command}");
            Require(IsExecutable(path, user), $"command is not executable: {command}");
            return path;
        }

        string? blocked = null;
        foreach (string folder in options.SearchPath.Split(':').Where(Path.IsPathFullyQualified))
        {
            string path = Path.Combine(folder, command);
            if (!File.Exists(path))
            {
                continue;
            }

            if (IsExecutable(path, user))
            {
                return path;
            }

            blocked ??= path;
        }

        throw new TaskControllerException(
            blocked is null ? $"command not found: {command} (PATH is {options.SearchPath})" : $"command is not executable: {blocked}");
    }

    private static bool IsExecutable(string path, UserAccount? user)
    {
        const int execute = 1;
        return (File.GetUnixFileMode(path) & AnyExecute) != 0
            && (user is null ? LibC.access(path, execute) == 0 : ClosedTo(user, path) is null);
    }

    /// <summary>Refuses a directory that the task's user cannot get to.</summary>
    /// <exception cref="TaskControllerException">Names the directory that is closed.</exception>
    public static void CheckReach(string directory, UserAccount? user)
    {
        if (user is not null && ClosedTo(user, directory) is { } closed)
        {
            throw new TaskControllerException($"user {user.Name} cannot get to {directory}: {closed} is closed to it");
        }
    }

    // The first of a path and the directories above it that the user may not pass through, or execute.
    private static string? ClosedTo(UserAccount user, string path)
    {
        for (string? part = user.Uid == 0 ? null : path; part is not null; part = Path.GetDirectoryName(part))
        {
            UnixFileMode mode = File.GetUnixFileMode(part);
            (uint owner, uint group) = LibC.OwnerOf(part, follow: true) ?? (uint.MaxValue, uint.MaxValue);
            UnixFileMode needed = owner == user.Uid ? UnixFileMode.UserExecute
                : user.Groups.Contains(group) ? UnixFileMode.GroupExecute
                : UnixFileMode.OtherExecute;
            if ((mode & needed) == 0)
            {
                return part;
            }
        }

        return null;
    }

    private static void Require(bool fine, string reason)
    {
        if (!fine)
        {
            throw new TaskControllerException(reason);
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();
}
