// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Swarm.Runtime.Process;

/// <summary>
/// What the executor remembers of a task on disk: enough to find its processes again, and to be sure that they are the task's.
/// </summary>
internal sealed record TaskRecord
{
    /// <summary>The form of this record; a record of another form is not understood.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    public required string TaskId { get; init; }

    public required int StopSignal { get; init; }

    public required TimeSpan StopGrace { get; init; }

    /// <summary>Directory of its secrets and configs.</summary>
    public required string DependencyDirectory { get; init; }

    /// <summary>Its cgroup; null for none.</summary>
    public string? Cgroup { get; init; }

    /// <summary>The boot during which the supervisor was started; null when it was not.</summary>
    public string? BootId { get; init; }

    public int SupervisorPid { get; init; }

    public ulong SupervisorStartTime { get; init; }

    /// <summary>Reads a record; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be read, or was written by something else.</exception>
    public static TaskRecord? Load(string path)
    {
        try
        {
            TaskRecord? record = JsonSerializer.Deserialize(File.ReadAllBytes(path), TaskRecordJson.Default.TaskRecord);
            return record is { Format: CurrentFormat } ? record : throw new IOException($"{path} is of a form this version does not know");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new IOException($"{path} is damaged: {e.Message}", e);
        }
    }

    /// <summary>Writes the record: wholly or not at all.</summary>
    public void Save(string path)
    {
        string temporary = path + ".tmp";
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            JsonSerializer.Serialize(file, this, TaskRecordJson.Default.TaskRecord);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>Serialises records without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TaskRecord))]
internal sealed partial class TaskRecordJson : JsonSerializerContext;
