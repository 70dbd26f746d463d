// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process.Tests;

public sealed class ProcessScannerTests
{
    [Fact]
    public async Task Scan_ManyAtOnce_ShareAFewAndSeeEverybody()
    {
        var scanner = new ProcessScanner();
        ProcessScan[] scans = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => scanner.ScanAsync()));
        Assert.InRange(scans.Distinct().Count(), 1, 20);
        Assert.All(scans, static scan => Assert.Contains(scan.All, static entry => entry.Pid == Environment.ProcessId));
    }

    [Fact]
    public async Task Scan_ProcessStartedBefore_IsFoundByItsTask()
    {
        await using var fixture = new ExecutorFixture();
        ITaskController controller = await fixture.StartAsync("echo pid $$; sleep 1000");
        int pid = int.Parse(await ExecutorFixture.SaidAsync(controller, "pid "));
        string marker = Path.Combine(fixture.TasksDirectory, "t1", "work");
        Assert.Contains(pid, (await new ProcessScanner().ScanAsync()).ByTask[marker]);
        await controller.TerminateAsync();
        Assert.Empty((await new ProcessScanner().ScanAsync()).ByTask[marker]);
    }
}
