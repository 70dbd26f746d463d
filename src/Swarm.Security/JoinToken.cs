// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Swarm.Core;

namespace Swarm.Security;

/// <summary>
/// What a new node needs to join: <c>SWMTKN-1-DIGEST-SECRET</c>. The digest names the root certificate that the node may
/// trust (SHA-256 of its exact PEM bytes, base 36, 50 characters); the secret (16 random bytes, base 36, 25 characters)
/// tells the managers that it may join, and in which role. Immutable.
/// </summary>
public sealed class JoinToken
{
    /// <summary>Random bytes in the secret.</summary>
    public const int SecretBytes = 16;

    private const int DigestLength = 50;
    private const int SecretLength = 25;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const string HowToGetOne =
        "get the whole token on a manager with 'swarmctl cluster inspect default' (Docker: 'docker swarm join-token worker')";

    private JoinToken(string text, string rootDigest)
    {
        Text = text;
        RootDigest = rootDigest;
    }

    /// <summary>The whole token. A secret: hand it to nodes, never to logs.</summary>
    public string Text { get; }

    /// <summary>The digest of the root certificate, 50 characters of base 36.</summary>
    public string RootDigest { get; }

    /// <summary>Makes a token.</summary>
    /// <param name="rootPem">The exact bytes of the root certificate(s) that managers serve.</param>
    /// <param name="secret">Exactly <see cref="SecretBytes"/> random bytes.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentException">The secret has another length.</exception>
    public static JoinToken Create(ByteString rootPem, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretBytes)
        {
            throw new ArgumentException($"The secret of a join token has {SecretBytes} bytes, not {secret.Length}.", nameof(secret));
        }

        string digest = DigestOf(rootPem);
        return new JoinToken($"SWMTKN-1-{digest}-{Base36.Format(secret, SecretLength)}", digest);
    }

    /// <summary>Reads a token.</summary>
    /// <param name="text">What the user gave; spaces around it do not matter.</param>
    /// <returns>The token.</returns>
    /// <exception cref="SwarmException">InvalidArgument: says what is wrong with it and how to get one. It never repeats the
    /// token.</exception>
    public static JoinToken Parse(string? text)
    {
        string token = (text ?? "").Trim();
        if (token.Length == 0)
        {
            throw Bad("a join token is needed to join a cluster");
        }

        string[] parts = token.Split('-');
        if (parts[0] != "SWMTKN")
        {
            throw Bad("this is not a join token: it does not start with SWMTKN-");
        }

        if (parts.Length > 1 && parts[1] is not ("1" or "2"))
        {
            throw Bad($"join tokens of version {Shorten(parts[1])} are not known here; versions 1 and 2 are");
        }

        int skip = parts.Length > 1 && parts[1] == "2" ? 3 : 2;
        if (parts.Length < skip + 2)
        {
            throw Bad("the join token is cut short");
        }

        if (parts.Length > skip + 2)
        {
            throw Bad("the join token has something after its end");
        }

        if (skip == 3 && parts[2] != "0")
        {
            throw parts[2] == "1"
                ? new SwarmException(SwarmErrorCode.FailedPrecondition,
                    "the join token is of a cluster that demands FIPS mode, which this node does not have")
                : Bad("the FIPS mark of the join token is neither 0 nor 1");
        }

        CheckPart(parts[skip], DigestLength, "digest");
        CheckPart(parts[skip + 1], SecretLength, "secret");
        return new JoinToken(token, parts[skip]);
    }

    /// <summary>Whether the token names this root certificate.</summary>
    /// <param name="rootPem">The exact bytes received.</param>
    /// <returns>True if the digests are equal.</returns>
    public bool Matches(ByteString rootPem) => TextEquals(RootDigest, DigestOf(rootPem));

    /// <summary>Makes sure that a root certificate is the one the token names.</summary>
    /// <param name="rootPem">The exact bytes received.</param>
    /// <exception cref="SwarmException">PermissionDenied: it is another one.</exception>
    public void CheckRoot(ByteString rootPem)
    {
        if (!Matches(rootPem))
        {
            throw new SwarmException(SwarmErrorCode.PermissionDenied,
                "the join token does not belong to this cluster: the manager's root certificate has another digest than the token names; "
                + "check the address and " + HowToGetOne);
        }
    }

    /// <summary>The digest of a root certificate as tokens hold it.</summary>
    /// <param name="rootPem">The exact PEM bytes.</param>
    /// <returns>50 characters of base 36.</returns>
    public static string DigestOf(ByteString rootPem) => Base36.Format(SHA256.HashData(rootPem.Span), DigestLength);

    /// <summary>Compares a token a node sent with a stored one, in a time that tells nothing about where they differ.</summary>
    /// <param name="stored">The stored token; an empty one equals nothing.</param>
    /// <param name="given">The token sent.</param>
    /// <returns>True if they are equal.</returns>
    public static bool TextEquals(string stored, string given) =>
        stored.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), Encoding.UTF8.GetBytes(given));

    /// <summary>The token without its secret, fit for logs.</summary>
    /// <returns>SWMTKN-1-DIGEST-….</returns>
    public override string ToString() => Text[..^SecretLength] + "…";

    private static void CheckPart(string part, int length, string what)
    {
        if (part.Length != length)
        {
            string problem = part.Length < length ? "cut short" : "too long";
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"the join token is {problem}: its {what} has {part.Length} characters, not {length}"));
        }

        if (part.AsSpan().ContainsAnyExcept(Digits))
        {
            throw Bad($"the join token is damaged: its {what} may only hold digits and small letters");
        }
    }

    private static string Shorten(string text) => text.Length <= 8 ? $"'{text}'" : $"'{text[..8]}…'";

    private static SwarmException Bad(string what) => new(SwarmErrorCode.InvalidArgument, $"{what}; {HowToGetOne}");
}
