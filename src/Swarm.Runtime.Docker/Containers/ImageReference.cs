// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Swarm.Runtime.Docker.Containers;

/// <summary>
/// The name of an image, taken apart and made whole: [DOMAIN[:PORT]/]PATH[:TAG][@ALGORITHM:HEX]. The grammar is that of the distribution
/// project (its package reference); a missing domain is docker.io, a single-part path there is below library/, a missing tag is latest
/// unless there is a digest.
/// </summary>
internal sealed partial record ImageReference
{
    private const string DefaultDomain = "docker.io";
    private const string LibraryPrefix = "library/";
    private const string DefaultTag = "latest";
    private const int MaxName = 255;
    private const int MaxText = 1024;

    private ImageReference(string domain, string path, string? tag, string? digest) =>
        (Domain, Path, Tag, Digest) = (domain, path, tag, digest);

    /// <summary>The registry, as in docker.io or localhost:5000.</summary>
    public string Domain { get; }

    /// <summary>The repository within it, as in library/busybox.</summary>
    public string Path { get; }

    /// <summary>The tag; null only where there is a digest.</summary>
    public string? Tag { get; }

    /// <summary>The digest, as in sha256:…, or null.</summary>
    public string? Digest { get; }

    /// <summary>The repository as people write it, without tag and digest.</summary>
    public string FamiliarName => Domain != DefaultDomain
        ? $"{Domain}/{Path}"
        : Path.StartsWith(LibraryPrefix, StringComparison.Ordinal) && !Path[LibraryPrefix.Length..].Contains('/', StringComparison.Ordinal)
            ? Path[LibraryPrefix.Length..]
            : Path;

    /// <summary>As people write it, with tag and digest: what containers are created from.</summary>
    public string Familiar => FamiliarName + Suffix;

    /// <summary>In full.</summary>
    public string Canonical => $"{Domain}/{Path}{Suffix}";

    /// <summary>What to pull of the repository: the digest if there is one, else the tag.</summary>
    public string PullTag => Digest ?? Tag ?? DefaultTag;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>Reads a reference.</summary>
    /// <exception cref="TaskControllerException">Fatal: it is none; the text says what is wrong.</exception>
    public static ImageReference Parse(string text)
    {
        if (text.Length == 0)
        {
            throw new TaskControllerException("the task names no image");
        }

        if (text.Length > MaxText)
        {
            throw Bad(text[..40] + "…", $"it is longer than {MaxText} characters");
        }

        string rest = text;
        string? digest = null;
        if (rest.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            (digest, rest) = (rest[(at + 1)..], rest[..at]);
            CheckDigest(text, digest);
        }

        string? tag = null;
        int colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            (tag, rest) = (rest[(colon + 1)..], rest[..colon]);
            if (!TagPattern().IsMatch(tag))
            {
                throw Bad(text, $"'{tag}' is no tag: 1 to 128 letters, digits, '_', '.' and '-', not starting with '.' or '-'");
            }
        }

        if (digest is null && tag is null && IdPattern().IsMatch(rest))
        {
            throw Bad(text, "it is the id of an image, not a name");
        }

        (string domain, string path) = Split(rest);
        CheckName(text, domain, path);
        return new(domain, path, tag ?? (digest is null ? DefaultTag : null), digest);
    }

    public override string ToString() => Familiar;

    // The first part is a domain only if it looks like one: "a/b" is a repository of docker.io, "a.b/c" is not.
    private static (string Domain, string Path) Split(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : name[..slash];
        bool isDomain = first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.Any(char.IsAsciiLetterUpper);
        (string domain, string path) = isDomain ? (first, name[(slash + 1)..]) : (DefaultDomain, name);
        domain = domain == "index.docker.io" ? DefaultDomain : domain;
        return (domain, domain == DefaultDomain && !path.Contains('/', StringComparison.Ordinal) ? LibraryPrefix + path : path);
    }

    private static void CheckName(string text, string domain, string path)
    {
        if (!DomainPattern().IsMatch(domain))
        {
            throw Bad(text, $"'{domain}' is no registry");
        }

        if (path.Any(char.IsAsciiLetterUpper))
        {
            throw Bad(text, "a repository name is in lower case");
        }

        if (!PathPattern().IsMatch(path))
        {
            throw Bad(text, "a repository name is of lower-case letters and digits, with single '.', '_', '__' or '-' between them");
        }

        if (domain.Length + 1 + path.Length > MaxName)
        {
            throw Bad(text.Length > 40 ? text[..40] + "…" : text, $"the repository name is longer than {MaxName} characters");
        }
    }

    private static void CheckDigest(string text, string digest)
    {
        if (!DigestPattern().IsMatch(digest))
        {
            throw Bad(text, $"'{digest}' is no digest, as in sha256: with 64 hexadecimal digits");
        }

        int wanted = digest[..digest.IndexOf(':', StringComparison.Ordinal)] switch { "sha256" => 64, "sha384" => 96, "sha512" => 128, _ => 0 };
        int digits = digest.Length - digest.IndexOf(':', StringComparison.Ordinal) - 1;
        if (wanted == 0 || digits != wanted || digest.Any(char.IsAsciiLetterUpper))
        {
            throw Bad(text, $"'{digest}' is no digest, as in sha256: with 64 hexadecimal digits");
        }
    }

    private static TaskControllerException Bad(string text, string why) => new($"invalid image reference '{text}': {why}");

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"^[a-f0-9]{64}\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"^[a-z0-9]+:[0-9a-fA-F]{32,}\z")]
    private static partial Regex DigestPattern();

    [GeneratedRegex(
        @"^(?:\[[a-fA-F0-9:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?\z")]
    private static partial Regex DomainPattern();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex PathPattern();
}
