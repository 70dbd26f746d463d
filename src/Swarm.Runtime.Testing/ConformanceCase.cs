// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing;

/// <summary>One rule of the contract, as something that can be run. Make a test of each in the test framework you use.</summary>
public sealed class ConformanceCase
{
    private readonly IExecutorConformanceTarget _target;
    private readonly Func<Workbench, Task> _run;

    internal ConformanceCase(IExecutorConformanceTarget target, string name, string description, Func<Workbench, Task> run)
    {
        _target = target;
        Name = name;
        Description = description;
        _run = run;
    }

    /// <summary>A name that is unique among the cases and stays the same from run to run: letters, digits and underscores.</summary>
    public string Name { get; }

    /// <summary>One sentence: the rule.</summary>
    public string Description { get; }

    /// <summary>
    /// Runs the case with an executor and tasks of its own, and removes what it made. Cases of one target are run one after the other.
    /// </summary>
    /// <param name="cancellationToken">Ends the case.</param>
    /// <returns>A task that ends when the executor has kept the rule.</returns>
    /// <exception cref="ConformanceException">The executor does not keep the rule.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        Workbench bench = await Workbench.OpenAsync(_target, cancellationToken);
        try
        {
            await _run(bench);
            await bench.CloseAsync();
        }
        catch (ConformanceException e)
        {
            await bench.TryCloseAsync();
            throw new ConformanceException($"{Name}: {e.Message}\nThe rule: {Description}", e.InnerException);
        }
        catch
        {
            await bench.TryCloseAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
