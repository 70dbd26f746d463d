// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// The directory where a node keeps its certificate, its key and its root, in the files SwarmKit uses. Each file has mode
/// 0600 and is replaced whole: written aside, forced to disk, renamed. A save that is cut off by a crash is finished or
/// forgotten by the next load, never half taken. One process at a time; not thread-safe.
/// </summary>
public sealed class CertificateDirectory
{
    /// <summary>File of the root certificate(s).</summary>
    public const string RootFile = "swarm-root-ca.crt";

    /// <summary>File of the root's key; only managers ever have it.</summary>
    public const string RootKeyFile = "swarm-root-ca.key";

    /// <summary>File of the node's certificate.</summary>
    public const string CertificateFile = "swarm-node.crt";

    /// <summary>File of the node's key.</summary>
    public const string KeyFile = "swarm-node.key";

    private const int FileSizeMax = 1024 * 1024;
    private readonly ICertificateIssuer _issuer;

    /// <summary>Names a directory; nothing is read or made yet.</summary>
    /// <param name="path">The directory; made with mode 0700 by the first save.</param>
    /// <param name="issuer">Reads the certificates.</param>
    public CertificateDirectory(string path, ICertificateIssuer issuer)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.GetFullPath(path);
        _issuer = issuer;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Reads the credentials.</summary>
    /// <param name="expected">The token the node was started with; null if none. It must name the root that is stored.</param>
    /// <returns>The credentials; null if the directory holds none.</returns>
    /// <exception cref="SwarmException">
    /// FailedPrecondition: the files are damaged or incomplete, or of another cluster than the token; PermissionDenied: they cannot be
    /// read.
    /// </exception>
    public NodeCredentials? Load(JoinToken? expected = null)
    {
        ByteString? certificate = Read(CertificateFile);
        ByteString? key = Read(KeyFile);
        ByteString? root = Read(RootFile);
        if (certificate is null && key is null && Read(CertificateFile + SafeFile.Aside) is null)
        {
            return null;
        }

        (certificate, key, root) = FinishInterruptedSave(certificate, key, root);
        if (certificate is null || key is null || root is null)
        {
            string missing = certificate is null ? CertificateFile : key is null ? KeyFile : RootFile;
            throw Damaged($"the file {missing} is missing");
        }

        if (expected is not null && !expected.Matches(root))
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition,
                $"the state directory {Path} belongs to another cluster than the join token: "
                + "use an empty directory, or the token of that cluster");
        }

        try
        {
            return NodeCredentials.Create(_issuer, new CertificateKeyPair(certificate, key), root);
        }
        catch (SwarmException e) when (e.Code == SwarmErrorCode.InvalidArgument)
        {
            throw Damaged(e.Message, e);
        }
    }

    /// <summary>Writes the credentials, all or none of them.</summary>
    /// <param name="credentials">The credentials.</param>
    /// <exception cref="SwarmException">PermissionDenied: the directory cannot be written; FailedPrecondition: the disk refuses
    /// otherwise.</exception>
    public void Save(NodeCredentials credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        Guard("written", () =>
        {
            MakeDirectory();
            SafeFile.WriteAside(File(KeyFile), credentials.Pair.KeyPem.Span);
            SafeFile.WriteAside(File(RootFile), credentials.RootPem.Span);
            SafeFile.WriteAside(File(CertificateFile), credentials.Pair.CertificatePem.Span);
            SafeFile.SyncDirectory(Path);
            TakeAside();
        });
    }

    /// <summary>Writes the root's key. Managers only: a worker must never call this.</summary>
    /// <param name="root">The root and its key; both are stored.</param>
    /// <exception cref="SwarmException">The directory cannot be written.</exception>
    public void SaveRoot(CertificateKeyPair root) => Guard("written", () =>
    {
        MakeDirectory();
        foreach ((string name, ByteString content) in new[] { (RootKeyFile, root.KeyPem), (RootFile, root.CertificatePem) })
        {
            SafeFile.WriteAside(File(name), content.Span);
            SafeFile.Take(File(name));
        }

        SafeFile.SyncDirectory(Path);
    });

    /// <summary>Reads the root with its key.</summary>
    /// <returns>The pair; null if the key is not here.</returns>
    /// <exception cref="SwarmException">The files are damaged or cannot be read.</exception>
    public CertificateKeyPair? LoadRoot()
    {
        ByteString? key = Read(RootKeyFile);
        if (key is null)
        {
            return null;
        }

        ByteString root = Read(RootFile) ?? throw Damaged($"the file {RootFile} is missing");
        return _issuer.IsKeyOf(root, key)
            ? new CertificateKeyPair(root, key)
            : throw Damaged($"{RootKeyFile} does not belong to {RootFile}");
    }

    /// <summary>Removes the root's key, as a manager that becomes a worker does.</summary>
    public void RemoveRootKey() => Guard("written", () =>
    {
        if (Directory.Exists(Path))
        {
            System.IO.File.Delete(File(RootKeyFile));
        }
    });

    /// <summary>Removes all that <see cref="Save"/> and <see cref="SaveRoot"/> wrote.</summary>
    public void Clear() => Guard("written", () =>
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        foreach (string name in new[] { CertificateFile, KeyFile, RootKeyFile, RootFile })
        {
            System.IO.File.Delete(File(name));
            System.IO.File.Delete(File(name) + SafeFile.Aside);
        }
    });

    // All three files were on disk beside the old ones before the first was renamed. So if the key is the new one and the
    // certificate still the old one, the new certificate is there to be taken; if nothing was renamed yet, the old pair fits.
    private (ByteString? Certificate, ByteString? Key, ByteString? Root) FinishInterruptedSave(
        ByteString? certificate, ByteString? key, ByteString? root)
    {
        if (certificate is not null && key is not null && _issuer.IsKeyOf(certificate, key))
        {
            return (certificate, key, root);
        }

        ByteString? newCertificate = Read(CertificateFile + SafeFile.Aside);
        ByteString? newKey = Read(KeyFile + SafeFile.Aside) ?? key;
        if (newCertificate is null || newKey is null || !_issuer.IsKeyOf(newCertificate, newKey))
        {
            return (certificate, key, root);
        }

        Guard("written", TakeAside);
        return (Read(CertificateFile), Read(KeyFile), Read(RootFile));
    }

    private void TakeAside()
    {
        SafeFile.Take(File(KeyFile));
        SafeFile.Take(File(RootFile));
        SafeFile.Take(File(CertificateFile));
        SafeFile.SyncDirectory(Path);
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);

    private void MakeDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private ByteString? Read(string name)
    {
        string path = File(name);
        ByteString? content = null;
        Guard("read", () =>
        {
            if (!System.IO.File.Exists(path))
            {
                return;
            }

            if (new FileInfo(path).Length > FileSizeMax)
            {
                throw Damaged($"the file {name} is larger than {FileSizeMax} bytes");
            }

            content = ByteString.CopyFrom(System.IO.File.ReadAllBytes(path));
        });
        return content;
    }

    private void Guard(string verb, Action work)
    {
        try
        {
            work();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SwarmException(SwarmErrorCode.PermissionDenied,
                $"the state directory {Path} cannot be {verb} by this user: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, $"the state directory {Path} cannot be {verb}: {e.Message}", e);
        }
    }

    private SwarmException Damaged(string what, Exception? cause = null) => new(SwarmErrorCode.FailedPrecondition,
        $"the certificates in {Path} are damaged: {what}; restore the files, or empty the directory and join again", cause);
}
