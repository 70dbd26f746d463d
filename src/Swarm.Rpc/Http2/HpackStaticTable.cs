// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Swarm.Rpc.Http2;

/// <summary>The static table of RFC 7541, Appendix A. Entries are numbered from 1.</summary>
internal static class HpackStaticTable
{
    private static readonly HeaderField[] Entries = Build(
        ":authority", ":method=GET", ":method=POST", ":path=/", ":path=/index.html", ":scheme=http", ":scheme=https",
        ":status=200", ":status=204", ":status=206", ":status=304", ":status=400", ":status=404", ":status=500",
        "accept-charset", "accept-encoding=gzip, deflate", "accept-language", "accept-ranges", "accept",
        "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition",
        "content-encoding", "content-language", "content-length", "content-location", "content-range", "content-type",
        "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match",
        "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards", "proxy-authenticate",
        "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie",
        "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate");

    public static int Count => Entries.Length;

    public static HeaderField Get(int index) => Entries[index - 1];

    private static HeaderField[] Build(params string[] entries) => [.. entries.Select(entry =>
    {
        string[] parts = entry.Split('=', 2);
        return new HeaderField(Encoding.ASCII.GetBytes(parts[0]), Encoding.ASCII.GetBytes(parts.Length > 1 ? parts[1] : ""));
    })];
}
