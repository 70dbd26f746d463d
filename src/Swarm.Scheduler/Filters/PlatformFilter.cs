// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Scheduler;

/// <summary>Passes nodes on whose platform the work runs. An empty list, and an empty field of an entry, mean any.</summary>
public sealed class PlatformFilter : INodeFilter
{
    private IReadOnlyList<Platform> _platforms = [];

    /// <inheritdoc/>
    public string Name => "platform";

    /// <inheritdoc/>
    public PlacementReason Reason => PlacementReason.UnsupportedPlatform;

    /// <inheritdoc/>
    public NodeAspects DependsOn => NodeAspects.Attributes;

    /// <inheritdoc/>
    public bool SetTask(Api.Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _platforms = task.Spec?.Placement?.Platforms ?? (IReadOnlyList<Platform>)[];
        return _platforms.Count > 0;
    }

    /// <inheritdoc/>
    public bool Check(NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Node.Description?.Platform is not { } actual)
        {
            return false;
        }

        foreach (Platform wanted in _platforms)
        {
            if (Fits(wanted.Os, actual.Os) && Fits(Normal(wanted.Architecture), Normal(actual.Architecture)))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public string Explain(int nodes) => NodeFilters.On("unsupported platform", nodes);

    private static bool Fits(string wanted, string actual) =>
        wanted.Length == 0 || string.Equals(wanted, actual, StringComparison.OrdinalIgnoreCase);

    // Images name architectures as Go does, kernels as uname does.
    private static string Normal(string architecture) => architecture switch
    {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => architecture,
    };
}
