// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Security.Tests;

public sealed class CertificateDirectoryTests : IDisposable
{
    private static readonly ICertificateIssuer Issuer = OperatingSystemCertificateIssuer.Instance;
    private readonly string _root = Directory.CreateTempSubdirectory("swarm-security-").FullName;
    private readonly ClusterCa _ca = ClusterCa.Create(Issuer, TestTime.Now);
    private readonly CertificateDirectory _directory;

    public CertificateDirectoryTests() => _directory = new CertificateDirectory(Path.Combine(_root, "certificates"), Issuer);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Load_Nothing_IsNull() => Assert.Null(_directory.Load());

    [Fact]
    public void Save_Credentials_LoadsThemBackWithMode0600()
    {
        NodeCredentials saved = Credentials("n1");
        _directory.Save(saved);
        NodeCredentials loaded = _directory.Load(_ca.CreateToken())!;
        Assert.Equal(saved.Pair.KeyPem, loaded.Pair.KeyPem);
        Assert.Equal(saved.Info, loaded.Info);
        string[] files = Directory.GetFiles(_directory.Path);
        Assert.Equal(["swarm-node.crt", "swarm-node.key", "swarm-root-ca.crt"], files.Select(Path.GetFileName).Order());
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.Path));
    }

    [Fact]
    public void Save_CrashAtAnyPoint_LeavesTheOldOrTheNewPair()
    {
        NodeCredentials old = Credentials("old");
        NodeCredentials renewed = Credentials("new");
        (string File, Google.Protobuf.ByteString Content)[] writes =
        [
            (CertificateDirectory.KeyFile, renewed.Pair.KeyPem),
            (CertificateDirectory.RootFile, renewed.RootPem),
            (CertificateDirectory.CertificateFile, renewed.Pair.CertificatePem),
        ];
        for (int done = 0; done <= writes.Length * 2; done++)
        {
            _directory.Clear();
            _directory.Save(old);

            // The steps of a save: each file aside, then each renamed, in this order.
            for (int step = 0; step < done; step++)
            {
                string path = Path.Combine(_directory.Path, writes[step % 3].File);
                if (step < 3)
                {
                    File.WriteAllBytes(path + ".new", writes[step].Content.ToByteArray());
                }
                else
                {
                    File.Move(path + ".new", path, overwrite: true);
                }
            }

            Assert.Equal(done <= 3 ? "old" : "new", _directory.Load()!.NodeId);
            _directory.Save(renewed);
            Assert.Equal("new", _directory.Load()!.NodeId);
        }
    }

    [Theory]
    [InlineData(CertificateDirectory.KeyFile)]
    [InlineData(CertificateDirectory.CertificateFile)]
    [InlineData(CertificateDirectory.RootFile)]
    public void Load_FileMissingOrDamaged_SaysSo(string file)
    {
        _directory.Save(Credentials("n1"));
        string path = Path.Combine(_directory.Path, file);
        File.WriteAllText(path, "nonsense");
        Assert.Contains("damaged", Assert.Throws<SwarmException>(() => _directory.Load()).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains($"{file} is missing", Assert.Throws<SwarmException>(() => _directory.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenOfAnotherCluster_IsRefused()
    {
        _directory.Save(Credentials("n1"));
        JoinToken other = ClusterCa.Create(Issuer, TestTime.Now).CreateToken();
        var e = Assert.Throws<SwarmException>(() => _directory.Load(other));
        Assert.Equal(SwarmErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("another cluster", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_NotWritable_SaysWhichDirectory()
    {
        string file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        var directory = new CertificateDirectory(Path.Combine(file, "certificates"), Issuer);
        Assert.Contains(directory.Path, Assert.Throws<SwarmException>(() => directory.Save(Credentials("n1"))).Message, StringComparison.Ordinal);
        Assert.Throws<SwarmException>(() => new CertificateDirectory("/proc/swarm-test", Issuer).Save(Credentials("n1")));
    }

    [Fact]
    public void SaveRoot_Manager_LoadsBackAndCanBeRemoved()
    {
        Assert.Null(_directory.LoadRoot());
        _directory.SaveRoot(new CertificateKeyPair(_ca.CertificatePem, _ca.KeyPem));
        _directory.Save(Credentials("n1"));
        Assert.Equal(_ca.KeyPem, new ClusterCa(Issuer, _directory.LoadRoot()!).KeyPem);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory.Path, "swarm-root-ca.key")));
        _directory.RemoveRootKey();
        Assert.Null(_directory.LoadRoot());
        Assert.NotNull(_directory.Load());
    }

    [Fact]
    public void LoadRoot_KeyOfAnotherRoot_IsRefused()
    {
        _directory.SaveRoot(new CertificateKeyPair(_ca.CertificatePem, ClusterCa.Create(Issuer, TestTime.Now).KeyPem));
        Assert.Contains("does not belong", Assert.Throws<SwarmException>(() => _directory.LoadRoot()).Message, StringComparison.Ordinal);
    }

    private NodeCredentials Credentials(string id) => _ca.IssueCredentials(id, NodeRole.Worker, "c1", TimeSpan.FromDays(1), TestTime.Now);
}
