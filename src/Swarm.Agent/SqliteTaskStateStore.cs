// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Agent;

/// <summary>
/// Remembers tasks in one SQLite file (write-ahead log, <c>synchronous=FULL</c>): what was written outlives <c>kill -9</c> and loss
/// of power. All of SQLite's blocking calls run in a mailbox of the store's own. Owned by one agent; a second process that
/// opens the same file is refused.
/// </summary>
public sealed class SqliteTaskStateStore : ITaskStateStore
{
    private const int FormatVersion = 1;

    private readonly string _path;
    private readonly Mailbox _mailbox;
    private SqliteConnection? _connection;

    /// <summary>Names the file; it is opened by <see cref="LoadAsync"/>.</summary>
    /// <param name="path">The database file. It and its directory are made where they do not exist, for the owner only.</param>
    /// <param name="mailboxes">Where the mailbox for the blocking calls comes from; null takes threads of the pool.</param>
    public SqliteTaskStateStore(string path, IMailboxFactory? mailboxes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        _mailbox = (mailboxes ?? new ThreadPoolMailboxFactory(TimeProvider.System)).Create("task-state-store");
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredTask>> LoadAsync(CancellationToken cancellationToken) =>
        _mailbox.InvokeAsync<IReadOnlyList<StoredTask>>(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Guard("read", () =>
            {
                Open();
                return ReadAll();
            });
        });

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<TaskStateWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(writes);
        return _mailbox.InvokeAsync(() => Guard("written", () =>
        {
            WriteAll(writes);
            return true;
        }));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _mailbox.InvokeAsync(() =>
    {
        Close();
        return true;
    });

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        string directory = Path.GetDirectoryName(_path)!;
        Directory.CreateDirectory(directory);
        MakePrivate();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        _connection = connection;
        connection.Open();

        // The exclusive mode keeps a second agent out and needs no shared-memory file beside the log.
        Execute("PRAGMA locking_mode=EXCLUSIVE");
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        CheckIntact();
        Execute("BEGIN IMMEDIATE");
        long version = (long)Scalar("PRAGMA user_version");
        if (version > FormatVersion)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"task state file '{_path}' has format {version}, this version reads up to {FormatVersion}: run the newer version again");
        }

        Execute(
            "CREATE TABLE IF NOT EXISTS task "
            + "(id TEXT PRIMARY KEY, data BLOB NOT NULL, status BLOB, assigned INTEGER NOT NULL) WITHOUT ROWID");
        Execute($"PRAGMA user_version={FormatVersion}");
        Execute("COMMIT");
    }

    private void MakePrivate()
    {
        if (!File.Exists(_path) && !OperatingSystem.IsWindows())
        {
            new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
    }

    private void CheckIntact()
    {
        string found = (string)Scalar("PRAGMA quick_check(1)");
        if (found != "ok")
        {
            throw Corrupt(found, null);
        }
    }

    private List<StoredTask> ReadAll()
    {
        var tasks = new List<StoredTask>();
        using SqliteCommand command = _connection!.CreateCommand();
        command.CommandText = "SELECT id, data, status, assigned FROM task ORDER BY id";
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            string id = reader.GetString(0);
            try
            {
                Api.Task task = Api.Task.Parser.ParseFrom((byte[])reader.GetValue(1));
                TaskStatus? status = reader.IsDBNull(2) ? null : TaskStatus.Parser.ParseFrom((byte[])reader.GetValue(2));
                tasks.Add(new StoredTask(task, status, reader.GetInt64(3) != 0));
            }
            catch (InvalidProtocolBufferException e)
            {
                throw Corrupt($"task {id} cannot be read", e);
            }
        }

        return tasks;
    }

    private void WriteAll(IReadOnlyList<TaskStateWrite> writes)
    {
        Open();
        SqliteConnection connection = _connection!;
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand put = connection.CreateCommand();
        put.Transaction = transaction;
        put.CommandText = "INSERT INTO task (id, data, status, assigned) VALUES ($id, $data, $status, $assigned) "
            + "ON CONFLICT (id) DO UPDATE SET data = excluded.data, status = excluded.status, assigned = excluded.assigned";
        SqliteParameter id = put.Parameters.Add("$id", SqliteType.Text);
        SqliteParameter data = put.Parameters.Add("$data", SqliteType.Blob);
        SqliteParameter status = put.Parameters.Add("$status", SqliteType.Blob);
        SqliteParameter assigned = put.Parameters.Add("$assigned", SqliteType.Integer);
        using SqliteCommand forget = connection.CreateCommand();
        forget.Transaction = transaction;
        forget.CommandText = "DELETE FROM task WHERE id = $id";
        SqliteParameter forgotten = forget.Parameters.Add("$id", SqliteType.Text);
        foreach (TaskStateWrite write in writes)
        {
            if (write.Value is null)
            {
                forgotten.Value = write.TaskId;
                forget.ExecuteNonQuery();
                continue;
            }

            id.Value = write.TaskId;
            data.Value = write.Value.Task.ToByteArray();
            status.Value = (object?)write.Value.Status?.ToByteArray() ?? DBNull.Value;
            assigned.Value = write.Value.IsAssigned ? 1L : 0L;
            put.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private T Guard<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26)
        {
            // 11 = SQLITE_CORRUPT, 26 = SQLITE_NOTADB
            Close();
            throw Corrupt(e.Message, e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6)
        {
            // 5 = SQLITE_BUSY, 6 = SQLITE_LOCKED
            Close();
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"task state file '{_path}' is in use by another process: is a second node running on this state directory?",
                e);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition,
                $"task state file '{_path}' cannot be {what}: {e.Message}; check the disk and the rights of the directory",
                e);
        }
        catch (SwarmException)
        {
            Close();
            throw;
        }
    }

    private SwarmException Corrupt(string finding, Exception? cause) => new(
        SwarmErrorCode.FailedPrecondition,
        $"task state file '{_path}' is damaged ({finding.ReplaceLineEndings(" ")}): move it away and start again; "
        + "the node then asks its manager for its tasks, and tasks that still run are ended",
        cause);

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection!.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private object Scalar(string sql)
    {
        using SqliteCommand command = _connection!.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() ?? throw new InvalidOperationException($"'{sql}' gave nothing");
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
