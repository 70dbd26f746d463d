// SPDX-License-Identifier: Apache-2.0
using Microsoft.Data.Sqlite;
using Swarm.Agent.Tests.Fakes;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent.Tests;

public sealed class SqliteTaskStateStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("swarm-agent-").FullName;

    private string FilePath => Path.Combine(_directory, "worker", "tasks.db");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Write_ThenLoadByAnother_GivesEverythingInOrder()
    {
        await using (var store = new SqliteTaskStateStore(FilePath))
        {
            Assert.Empty(await store.LoadAsync(Cancelled));
            TaskStateWrite[] first =
                [Put("b", TaskState.Running), Put("a", null), Put("c", TaskState.Failed, assigned: false), Put("d", null)];
            TaskStateWrite[] second = [Put("b", TaskState.Complete), new("d", null), new("unknown", null)];
            await store.WriteAsync(first, Cancelled);
            await store.WriteAsync(second, Cancelled);
        }

        await using var next = new SqliteTaskStateStore(FilePath);
        IReadOnlyList<StoredTask> tasks = await next.LoadAsync(Cancelled);
        Assert.Equal(["a", "b", "c"], tasks.Select(static task => task.Task.Id));
        Assert.Equal([null, TaskState.Complete, TaskState.Failed], tasks.Select(static task => task.Status?.State));
        Assert.Equal([true, true, false], tasks.Select(static task => task.IsAssigned));
        Assert.Equal(Put("a", null).Value!.Task, tasks[0].Task);
    }

    [Fact]
    public async Task Load_NewFile_IsForTheOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // There are no file modes there; the tests run on Linux.
        }

        await using var store = new SqliteTaskStateStore(FilePath);
        await store.LoadAsync(Cancelled);
        await store.WriteAsync([Put("a", null)], Cancelled);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(FilePath)!))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Copy_AtAnyMoment_HoldsEveryWriteThatWasAcknowledged()
    {
        var chance = new Random(5);
        await using var store = new SqliteTaskStateStore(FilePath);
        await store.LoadAsync(Cancelled);
        var model = new SortedDictionary<string, TaskState?>(StringComparer.Ordinal);
        for (int i = 0; i < 300; i++)
        {
            string id = $"t{chance.Next(20):00}";
            TaskState? state = chance.Next(4) == 0 ? null : TaskState.Running;
            bool remove = chance.Next(5) == 0;
            await store.WriteAsync([remove ? new TaskStateWrite(id, null) : Put(id, state, padding: chance.Next(5000))], Cancelled);
            if (remove)
            {
                model.Remove(id);
            }
            else
            {
                model[id] = state;
            }

            if (i % 10 == 0)
            {
                await using var crashed = new SqliteTaskStateStore(CopyFiles($"copy-{i}"));
                IReadOnlyList<StoredTask> tasks = await crashed.LoadAsync(Cancelled);
                Assert.Equal(model, tasks.ToDictionary(static task => task.Task.Id, static task => task.Status?.State));
            }
        }
    }

    [Fact]
    public async Task Copy_WithATornLog_HoldsAWholeNumberOfWrites()
    {
        var chance = new Random(6);
        await using var store = new SqliteTaskStateStore(FilePath);
        await store.LoadAsync(Cancelled);
        var histories = new List<string>();
        for (int i = 0; i < 40; i++)
        {
            // Two tasks move together in each write: seen apart, a write was torn.
            string state = $"{i}";
            await store.WriteAsync([Put("a", null, serviceId: state), Put("b", null, serviceId: state)], Cancelled);
            histories.Add(state);
        }

        for (int i = 0; i < 40; i++)
        {
            string copy = CopyFiles($"torn-{i}");
            string log = copy + "-wal";
            await using (FileStream file = File.OpenWrite(log))
            {
                file.SetLength(chance.NextInt64(file.Length));
            }

            await using var torn = new SqliteTaskStateStore(copy);
            IReadOnlyList<StoredTask> tasks = await torn.LoadAsync(Cancelled);
            Assert.True(tasks.Count is 0 or 2);
            if (tasks.Count > 0)
            {
                Assert.Equal(tasks[0].Task.ServiceId, tasks[1].Task.ServiceId);
                Assert.Contains(tasks[0].Task.ServiceId, histories);
            }
        }
    }

    [Theory]
    [InlineData("this is not a database, but a text that somebody wrote over it, long enough to be read as a header by anybody")]
    [InlineData("x")]
    public async Task Load_NotADatabase_NamesTheFileAndWhatToDo(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, string.Concat(Enumerable.Repeat(content, 100)), Cancelled);
        await AssertDamagedAsync();
    }

    [Fact]
    public async Task Load_OverwrittenPages_NamesTheFileAndWhatToDo()
    {
        await using (var store = new SqliteTaskStateStore(FilePath))
        {
            await store.LoadAsync(Cancelled);
            TaskStateWrite[] many = [.. Enumerable.Range(0, 200).Select(static i => Put($"t{i}", TaskState.Running, padding: 300))];
            await store.WriteAsync(many, Cancelled);
        }

        await using (FileStream file = File.OpenWrite(FilePath))
        {
            file.Position = 4096 + 100;
            file.Write(Enumerable.Repeat((byte)0xA5, 8192).ToArray());
        }

        await AssertDamagedAsync();
    }

    [Fact]
    public async Task Load_TaskThatCannotBeRead_NamesTheFile()
    {
        await using (var store = new SqliteTaskStateStore(FilePath))
        {
            await store.LoadAsync(Cancelled);
        }

        await ExecuteAsync("INSERT INTO task VALUES ('t', x'FFFFFFFF', NULL, 1)");
        await AssertDamagedAsync();
    }

    [Fact]
    public async Task Load_FormatOfALaterVersion_SaysSo()
    {
        await using (var store = new SqliteTaskStateStore(FilePath))
        {
            await store.LoadAsync(Cancelled);
        }

        await ExecuteAsync("PRAGMA user_version = 7");
        await using var old = new SqliteTaskStateStore(FilePath);
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => old.LoadAsync(Cancelled));
        Assert.Contains("format 7", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_OpenElsewhere_SaysSo()
    {
        await using var store = new SqliteTaskStateStore(FilePath);
        await store.LoadAsync(Cancelled);
        await store.WriteAsync([Put("a", null)], Cancelled);
        await using var second = new SqliteTaskStateStore(FilePath);
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => second.LoadAsync(Cancelled));
        Assert.Contains("in use by another process", e.Message, StringComparison.Ordinal);
        await store.WriteAsync([Put("b", null)], Cancelled);
    }

    [Fact]
    public async Task Load_DirectoryThatCannotBe_SaysSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "worker"), "a file", Cancelled);
        await using var store = new SqliteTaskStateStore(FilePath);
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => store.LoadAsync(Cancelled));
        Assert.Contains(FilePath, e.Message, StringComparison.Ordinal);
    }

    private async Task AssertDamagedAsync()
    {
        await using var store = new SqliteTaskStateStore(FilePath);
        SwarmException e = await Assert.ThrowsAsync<SwarmException>(() => store.LoadAsync(Cancelled));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains($"'{FilePath}' is damaged", e.Message, StringComparison.Ordinal);
        Assert.Contains("move it away", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private string CopyFiles(string name)
    {
        string target = Path.Combine(_directory, name);
        foreach (string suffix in (string[])["", "-wal"])
        {
            if (File.Exists(FilePath + suffix))
            {
                File.Copy(FilePath + suffix, target + suffix);
            }
        }

        return target;
    }

    private static TaskStateWrite Put(string id, TaskState? state, bool assigned = true, int padding = 0, string serviceId = "s")
    {
        Api.Task task = Samples.Task(id, serviceId: serviceId);
        task.LogDriver = new Driver { Name = new string('x', padding) };
        return new TaskStateWrite(id, new StoredTask(task, state is null ? null : new TaskStatus { State = state.Value }, assigned));
    }
}
