// SPDX-License-Identifier: Apache-2.0
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Swarm.Architecture.Tests;

/// <summary>The arrows between packages go one way, as docs/architecture.md draws them.</summary>
public sealed class ArrowTests
{
    // Package → what it may see directly. Through those it may see what they see.
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Swarm.Api"] = [],
        ["Swarm.Core"] = ["Swarm.Api"],
        ["Swarm.Store"] = ["Swarm.Core"],
        ["Swarm.Scheduler"] = ["Swarm.Core"],
        ["Swarm.Orchestration"] = ["Swarm.Store", "Swarm.Scheduler"],
        ["Swarm.Security"] = ["Swarm.Core"],
        ["Swarm.Rpc"] = ["Swarm.Security"],
        ["Swarm.Runtime"] = ["Swarm.Core"],
        ["Swarm.Runtime.Docker"] = ["Swarm.Runtime"],
        ["Swarm.Runtime.Process"] = ["Swarm.Runtime"],
        ["Swarm.Runtime.Testing"] = ["Swarm.Runtime"],
        ["Swarm.Agent"] = ["Swarm.Runtime", "Swarm.Rpc"],
        ["Swarm.Manager"] = ["Swarm.Orchestration", "Swarm.Rpc"],
        ["Swarm.Client"] = ["Swarm.Rpc"],
        ["Swarm.Hosting"] = ["Swarm.Agent", "Swarm.Manager", "Swarm.Client"],
        ["Swarm.Simulation"] = ["Swarm.Core", "Swarm.Rpc"],
        ["Swarm.Testing"] = ["Swarm.Hosting", "Swarm.Simulation"],
    };

    public static TheoryData<string> Packages => [.. Arrows.Keys];

    [Fact]
    public void EveryPackage_HasItsArrowsDrawn()
    {
        IEnumerable<string> packages = Directory.EnumerateDirectories(Path.Combine(RepositoryRoot.Path, "src"))
            .Select(Path.GetFileName)
            .OfType<string>()
            .Where(p => !p.EndsWith(".Generators", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

        Assert.Equal(Arrows.Keys.Order(StringComparer.Ordinal), packages);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Project_References_FollowTheArrows(string package)
    {
        XDocument project = XDocument.Load(Path.Combine(RepositoryRoot.Path, "src", package, package + ".csproj"));
        IEnumerable<string> references = project.Descendants("ProjectReference")
            .Where(r => r.Attribute("OutputItemType")?.Value != "Analyzer")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

        Assert.Empty(references.Except(Arrows[package]));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Assembly_References_FollowTheArrows(string package)
    {
        HashSet<string> allowed = Reachable(package);
        IEnumerable<string> seen = References(package).Where(r => r.StartsWith("Swarm.", StringComparison.Ordinal));

        Assert.Empty(seen.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void OnlyRpcAndHosting_SeeAspNetAndTheGrpcClient(string package)
    {
        string[] web = [.. References(package).Where(r => r.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || r.StartsWith("Grpc.AspNetCore", StringComparison.Ordinal)
            || r.StartsWith("Grpc.Net", StringComparison.Ordinal))];

        if (package is not ("Swarm.Rpc" or "Swarm.Hosting"))
        {
            Assert.Empty(web);
        }
    }

    [Theory]
    [InlineData("Swarm.Scheduler")]
    [InlineData("Swarm.Runtime")]
    public void UsefulAlone_SeesNothingOfOursButCore(string package) =>
        Assert.Empty(References(package).Where(r => r.StartsWith("Swarm.", StringComparison.Ordinal)).Except(["Swarm.Core", "Swarm.Api"]));

    [Fact]
    public void Docker_IsUnknownToEveryPackageButItsExecutor()
    {
        foreach (string package in Arrows.Keys.Where(p => p != "Swarm.Runtime.Docker"))
        {
            Assert.DoesNotContain(References(package), r => r.StartsWith("Docker.", StringComparison.Ordinal));
        }
    }

    private static HashSet<string> Reachable(string package)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<string>(Arrows[package]);
        while (queue.TryDequeue(out string? next))
        {
            if (seen.Add(next))
            {
                foreach (string further in Arrows[next])
                {
                    queue.Enqueue(further);
                }
            }
        }

        return seen;
    }

    private static List<string> References(string package)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, package + ".dll"));
        using var image = new PEReader(file);
        MetadataReader reader = image.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(h => reader.GetString(reader.GetAssemblyReference(h).Name))];
    }
}
