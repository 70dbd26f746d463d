// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing.Tests;

/// <summary>The kit passes an executor that can do everything, and finds each fault that is planted in it.</summary>
public sealed class FaultTests
{
    public static TheoryData<string> Cases => ConformanceRun.Names(new ModelTarget(Fault.None));

    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>().Where(static fault => fault != Fault.None)];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Model_WithoutFault_KeepsTheContract(string name) => ConformanceRun.RunAsync(new ModelTarget(Fault.None), name);

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Model_WithAFault_IsFound(Fault fault)
    {
        var kit = new ExecutorConformance(new ModelTarget(fault));
        ConformanceException found = await Assert.ThrowsAsync<ConformanceException>(
            () => kit.RunAllAsync(TestContext.Current.CancellationToken));
        Assert.Contains(kit.Cases, one => found.Message.StartsWith(one.Name + ": ", StringComparison.Ordinal));
        Assert.Contains("The rule: ", found.Message);
        TestContext.Current.TestOutputHelper?.WriteLine(found.Message);
    }
}
