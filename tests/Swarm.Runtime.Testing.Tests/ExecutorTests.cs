// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing.Tests;

/// <summary>The executors of this repository keep the contract, each as far as it goes.</summary>
public sealed class ExecutorTests
{
    public static TheoryData<string> ProcessCases => ConformanceRun.Names(new ProcessTarget());

    public static TheoryData<string> InProcessCases => ConformanceRun.Names(new InProcessTarget());

    public static TheoryData<string> FolderCases => ConformanceRun.Names(new FolderTarget());

    [Theory]
    [MemberData(nameof(ProcessCases))]
    public async Task Process_KeepsTheContract(string name)
    {
        using var target = new ProcessTarget();
        await ConformanceRun.RunAsync(target, name);
    }

    [Theory]
    [MemberData(nameof(InProcessCases))]
    public Task InProcess_KeepsTheContract(string name) => ConformanceRun.RunAsync(new InProcessTarget(), name);

    [Theory]
    [MemberData(nameof(FolderCases))]
    public async Task Folder_KeepsTheContract(string name)
    {
        using var target = new FolderTarget();
        await ConformanceRun.RunAsync(target, name);
    }
}
