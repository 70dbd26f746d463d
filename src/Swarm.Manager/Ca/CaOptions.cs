// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Manager;

/// <summary>Settings of the certificate service.</summary>
public sealed class CaOptions
{
    /// <summary>Certificates signed at once, or signed and not yet stored. At least 1; default 16.</summary>
    public int SignaturesInFlightMax { get; set; } = 16;

    /// <summary>Nodes that may wait for their certificate at once; more are refused. At least 1; default 10 000.</summary>
    public int WaitersMax { get; set; } = 10_000;

    /// <summary>
    /// Longest time a node waits for its certificate before it is told the state as it is. Above zero; default 30 s. (Nodes give up after
    /// 5 s of their own and ask again.)
    /// </summary>
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time until a refused write of a certificate is tried again. Above zero; default 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of a certificate request. At least 1 KiB; default 16 KiB.</summary>
    public int RequestBytesMax { get; set; } = 16 * 1024;

    /// <summary>
    /// Whether the manager token lets nodes join as managers. Default false: one manager keeps the cluster's state, and a second one would
    /// hold a manager's certificate without being able to do a manager's work. Turn it on only where managers share their state.
    /// </summary>
    public bool AcceptManagers { get; set; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the text names it.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(SignaturesInFlightMax, 1, nameof(SignaturesInFlightMax));
        OptionCheck.AtLeast(WaitersMax, 1, nameof(WaitersMax));
        OptionCheck.Positive(WaitMax, nameof(WaitMax));
        OptionCheck.Positive(RetryDelay, nameof(RetryDelay));
        OptionCheck.AtLeast(RequestBytesMax, 1024, nameof(RequestBytesMax));
    }
}
