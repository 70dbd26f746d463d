// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing.Tests;

/// <summary>All that a test framework has to do for the kit: list the cases and run one.</summary>
internal static class ConformanceRun
{
    public static TheoryData<string> Names(IExecutorConformanceTarget target) =>
        [.. new ExecutorConformance(target).Cases.Select(static one => one.Name)];

    public static Task RunAsync(IExecutorConformanceTarget target, string name) =>
        new ExecutorConformance(target).Cases.Single(one => one.Name == name).RunAsync(TestContext.Current.CancellationToken);
}
