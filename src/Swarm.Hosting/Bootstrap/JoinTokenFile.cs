// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Swarm.Core;
using Swarm.Security;

namespace Swarm.Hosting;

/// <summary>
/// A file that holds the join token: the node that makes the cluster writes it, readable by its owner only, the others read it. Or somebody
/// else writes it, such as a secret that is mounted. While it holds the token of one cluster, no node that uses it makes another. Thread-safe,
/// and safe between processes that see the same file.
/// </summary>
public sealed class JoinTokenFile : IJoinTokenProvider, IJoinTokenPublisher
{
    private const int BytesMax = 4096;

    /// <summary>Makes it; the file is not looked at yet.</summary>
    /// <param name="path">The file. Its directory is made when the token is written.</param>
    public JoinTokenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FullPath = Path.GetFullPath(path);
    }

    /// <summary>The file, as a full path.</summary>
    public string FullPath { get; }

    /// <inheritdoc/>
    public ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken = default) => new(Read());

    /// <inheritdoc/>
    public ValueTask PublishAsync(string token, CancellationToken cancellationToken = default)
    {
        JoinToken own = JoinToken.Parse(token);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(FullPath)!);

            // Between reading what is there and writing there must be nobody else.
            using FileStream held = Open(FullPath + ".lock");
            if (Read() is { } known && JoinToken.Parse(known).RootDigest != own.RootDigest)
            {
                throw new SwarmException(
                    SwarmErrorCode.FailedPrecondition,
                    $"{FullPath} holds the join token of another cluster: two clusters are not made. Use the state directory of that one, "
                    + "or remove the file and every state directory to begin anew");
            }

            string aside = FullPath + ".new";
            using (FileStream file = Open(aside))
            {
                file.SetLength(0);
                file.Write(Encoding.ASCII.GetBytes(token + "\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, FullPath, overwrite: true);
            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SwarmException(
                SwarmErrorCode.FailedPrecondition, $"the join token cannot be written to {FullPath}: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private string? Read()
    {
        try
        {
            if (new FileInfo(FullPath) is { Exists: true, Length: > BytesMax })
            {
                throw new SwarmException(SwarmErrorCode.InvalidArgument, $"{FullPath} is too large to be a join token");
            }

            string text = File.ReadAllText(FullPath).Trim();
            return text.Length > 0 ? JoinToken.Parse(text).Text : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SwarmException(SwarmErrorCode.Unavailable, $"the join token cannot be read from {FullPath}: {e.Message.TrimEnd('.')}", e);
        }
    }
}
