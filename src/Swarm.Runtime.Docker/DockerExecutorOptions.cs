// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Swarm.Runtime.Docker.Engine;

namespace Swarm.Runtime.Docker;

/// <summary>Settings of the Docker executor.</summary>
public sealed class DockerExecutorOptions
{
    /// <summary>Where the engine listens when neither <see cref="Endpoint"/> nor DOCKER_HOST says so.</summary>
    public const string DefaultEndpoint = "unix:///var/run/docker.sock";

    internal const string Endpoints = "unix:///path, tcp://host:port, http://host:port or https://host:port";

    /// <summary>
    /// Where the engine listens: <c>unix:///path</c>, <c>tcp://host:port</c>, <c>http://host:port</c> or <c>https://host:port</c>. Null (the
    /// default): the value of DOCKER_HOST, else <see cref="DefaultEndpoint"/>. TLS is spoken to https, and to tcp when
    /// <see cref="CertificateDirectory"/> or DOCKER_TLS_VERIFY is set. The port of tcp is 2375 if none is said, with TLS 2376.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Directory with the files for TLS that Docker's own client uses: <c>ca.pem</c> (whom to trust; without it, whom the system trusts),
    /// <c>cert.pem</c> and <c>key.pem</c> (who calls; both or neither). They are read at each new connection to an engine that was lost.
    /// Null (the default): DOCKER_CERT_PATH, else <c>.docker</c> in the home directory. The engine's certificate is always checked.
    /// </summary>
    public string? CertificateDirectory { get; set; }

    /// <summary>
    /// The node whose containers these are. Null (the default): told by the first <see cref="IExecutor.ConfigureAsync"/>. Only
    /// containers that carry the label of this node are ever touched.
    /// </summary>
    public string? NodeId { get; set; }

    /// <summary>
    /// Version of the Engine API to speak, such as <c>1.41</c>. Null (the default): the newest that the engine has and this executor knows
    /// of. The lowest is 1.24.
    /// </summary>
    public string? ApiVersion { get; set; }

    /// <summary>
    /// How long a pull may be without any answer while an image of that name is on the node; then that one is used: 5 s by default, 100 ms
    /// to 10 min. Without a local image a pull may be silent ten times as long before it is tried anew.
    /// </summary>
    public TimeSpan PullStallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one answer of the engine may take, streams and waits aside: 1 min by default, 1 s to 1 h.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long to wait before a lost engine is called again: 1 s by default, 10 ms to 1 min.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Grace of a container that its task says nothing about: 10 s by default, at least zero.</summary>
    public TimeSpan StopGracePeriod { get; set; } = Core.SwarmDefaults.StopGracePeriod;

    /// <summary>
    /// Directory in memory (a tmpfs) in which files of secrets and configs are put for containers to mount, each node's in one of its own; it
    /// is made if missing. The engine must see it under the same path. Null (the default): one of this node's own in /run or /dev/shm when
    /// the endpoint is a unix socket, else tasks with secrets or configs are refused.
    /// </summary>
    public string? SecretsDirectory { get; set; }

    /// <summary>Bytes of one line of output; longer lines are cut into several: 16 KiB by default, 64 to 1 MiB.</summary>
    public int LogLineBytesMax { get; set; } = 16 * 1024;

    /// <summary>Containers that may be made and started at a time: 16 by default, 1 to 1,000. Others wait their turn.</summary>
    public int ConcurrentStartsMax { get; set; } = 16;

    /// <summary>Images that may be pulled at a time: 3 by default, 1 to 100. Others wait their turn.</summary>
    public int ConcurrentPullsMax { get; set; } = 3;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check(
            Endpoint is null || (Endpoint.IsAbsoluteUri && EngineAddress.IsKnown(Endpoint)),
            nameof(Endpoint), $"must be {Endpoints}");
        Check(
            CertificateDirectory is null || (Path.IsPathFullyQualified(CertificateDirectory) && Endpoint?.Scheme != "http"),
            nameof(CertificateDirectory), "must be an absolute path, and Endpoint not plain http");
        Check(
            ApiVersion is null || (Version.TryParse(ApiVersion, out Version? version) && version >= new Version(1, 24) && version.Build < 0),
            nameof(ApiVersion), "must be like 1.41, at least 1.24");
        CheckTime(PullStallTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), nameof(PullStallTimeout));
        CheckTime(CallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(CallTimeout));
        CheckTime(ReconnectDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(ReconnectDelay));
        Check(StopGracePeriod >= TimeSpan.Zero, nameof(StopGracePeriod), "must not be negative");
        Check(SecretsDirectory is null || Path.IsPathFullyQualified(SecretsDirectory), nameof(SecretsDirectory), "must be an absolute path");
        Check(LogLineBytesMax is >= 64 and <= 1024 * 1024, nameof(LogLineBytesMax), "must be from 64 to 1048576");
        Check(ConcurrentStartsMax is >= 1 and <= 1000, nameof(ConcurrentStartsMax), "must be from 1 to 1000");
        Check(ConcurrentPullsMax is >= 1 and <= 100, nameof(ConcurrentPullsMax), "must be from 1 to 100");
    }

    private static void CheckTime(TimeSpan value, TimeSpan min, TimeSpan max, string name) => Check(
        value >= min && value <= max, name, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));

    private static void Check(bool fine, string name, string rule)
    {
        if (!fine)
        {
            throw new ArgumentException($"{nameof(DockerExecutorOptions)}.{name} {rule}.");
        }
    }
}
