// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Swarm.Api;

namespace Swarm.Runtime.Process;

/// <summary>
/// The file in which a task says on which ports it listens: a line each, "NAME PROTOCOL TARGET [PUBLISHED]" or only "PORT". The file
/// belongs to the task's user, so nothing in it is trusted: links are not followed, size and number are bounded, lines that make no sense
/// are left out.
/// </summary>
internal sealed class PortFile(string path, int portsMax)
{
    private const int BytesMax = 64 * 1024;

    private (DateTime Written, long Length) _seen;
    private string _text = "";

    /// <summary>The ports read last; null when there are none.</summary>
    public PortStatus? Status { get; private set; }

    /// <summary>Reads the file if it has changed.</summary>
    /// <returns>Whether the ports have changed.</returns>
    public bool Refresh()
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.LinkTarget is not null)
        {
            return false;
        }

        (DateTime, long) now = (info.LastWriteTimeUtc, info.Length);
        bool settled = now == _seen;
        if (settled && _text.Length == info.Length)
        {
            return false;
        }

        _seen = now;
        string text = Read();

        // A last line without an end may be half written: it counts once the file has stayed as it is.
        string whole = text.EndsWith('\n') || settled ? text : text[..(text.LastIndexOf('\n') + 1)];
        if (whole == _text)
        {
            return false;
        }

        _text = whole;
        PortStatus? status = Parse(whole, portsMax);
        bool changed = !Equals(status, Status);
        Status = status;
        return changed;
    }

    /// <summary>Reads the lines of a port file.</summary>
    public static PortStatus? Parse(string text, int portsMax)
    {
        var status = new PortStatus();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ParseLine(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is { } port && status.Ports.Count < portsMax)
            {
                status.Ports.Add(port);
            }
        }

        return status.Ports.Count > 0 ? status : null;
    }

    private static PortConfig? ParseLine(string[] words)
    {
        switch (words)
        {
            case [var port] when Number(port) is { } number:
                return Make("", PortConfig.Types.Protocol.Tcp, number, number);
            case [var name, var protocol, var target] when Protocol(protocol) is { } kind && Number(target) is { } number:
                return Make(name, kind, number, number);
            case [var name, var protocol, var target, var published]
                when Protocol(protocol) is { } kind && Number(target) is { } inner && Number(published) is { } outer:
                return Make(name, kind, inner, outer);
            default:
                return null;
        }
    }

    private static PortConfig Make(string name, PortConfig.Types.Protocol protocol, uint target, uint published) => new()
    {
        Name = name, Protocol = protocol, TargetPort = target, PublishedPort = published, PublishMode = PortConfig.Types.PublishMode.Host,
    };

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint port) && port is >= 1 and <= 65535 ? port : null;

    private static PortConfig.Types.Protocol? Protocol(string text) => text.ToLowerInvariant() switch
    {
        "tcp" => PortConfig.Types.Protocol.Tcp,
        "udp" => PortConfig.Types.Protocol.Udp,
        "sctp" => PortConfig.Types.Protocol.Sctp,
        _ => null,
    };

    private string Read() => Encoding.Latin1.GetString(LibC.ReadStart(path, BytesMax));
}
