// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>Collects the cases a target's features leave.</summary>
internal sealed class CaseList(IExecutorConformanceTarget target)
{
    private readonly List<ConformanceCase> _cases = [];

    public ConformanceFeatures Features => target.Features;

    public IReadOnlyList<ConformanceCase> Cases => _cases;

    public void Add(string name, string description, Func<Workbench, Task> run) =>
        _cases.Add(new ConformanceCase(target, name, description, run));

    public void Add(ConformanceFeatures needs, string name, string description, Func<Workbench, Task> run)
    {
        if ((Features & needs) == needs)
        {
            Add(name, description, run);
        }
    }
}
