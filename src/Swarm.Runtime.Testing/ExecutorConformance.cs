// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>
/// The contract of <see cref="IExecutor"/> and <see cref="ITaskController"/> as cases that can be run against any executor.
/// </summary>
public sealed class ExecutorConformance
{
    /// <summary>Makes the cases for an executor; runs none.</summary>
    /// <param name="target">The executor under test.</param>
    public ExecutorConformance(IExecutorConformanceTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var cases = new CaseList(target);
        ContractCases.AddTo(cases);
        OrderCases.AddTo(cases);
        EndCases.AddTo(cases);
        CancellationCases.AddTo(cases);
        CrashCases.AddTo(cases);
        LogCases.AddTo(cases);
        StatusCases.AddTo(cases);
        Cases = cases.Cases;
    }

    /// <summary>The cases, those that the target's <see cref="ConformanceFeatures"/> leave, in an order that is always the same.</summary>
    public IReadOnlyList<ConformanceCase> Cases { get; }

    /// <summary>Runs all cases, one after the other, up to the first that fails.</summary>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>A task that ends when all have passed.</returns>
    /// <exception cref="ConformanceException">A case failed; the message names it.</exception>
    public async Task RunAllAsync(CancellationToken cancellationToken = default)
    {
        foreach (ConformanceCase one in Cases)
        {
            await one.RunAsync(cancellationToken);
        }
    }
}
