// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;

namespace Swarm.Samples.Swarmctl.Flags;

/// <summary>The data of a secret or config: a file or standard input.</summary>
internal static class DataFile
{
    // More than any secret or config may have; the manager says what the limit of each is.
    private const int BytesMax = 1024 * 1024;

    /// <summary>Reads the data.</summary>
    /// <param name="path">The file; null or "-" for standard input.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The data, cut after one MiB, which is refused then.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<ByteString> ReadAsync(string? path, CancellationToken cancellationToken)
    {
        await using Stream stream = path is null or "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        byte[] buffer = new byte[BytesMax];
        int read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return ByteString.CopyFrom(buffer.AsSpan(0, read));
    }
}
