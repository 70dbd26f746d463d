// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;

namespace Swarm.Runtime.Process.Tests;

public sealed class SmallPartsTests
{
    [Theory]
    [InlineData("", 15)]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("SIGHUP", 1)]
    [InlineData("9", 9)]
    [InlineData("SIGSYS", 31)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    public void Parse_Signal_GivesItsNumber(string text, int number) => Assert.Equal(number, StopSignal.Parse(text));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("32")]
    [InlineData("SIG")]
    [InlineData("SIGRTMIN-1")]
    [InlineData("SIGRTMIN+31")]
    [InlineData("SIGRTMAX+1")]
    public void Parse_NoSignal_IsRefused(string text) => Assert.Throws<TaskControllerException>(() => StopSignal.Parse(text));

    [Theory]
    [InlineData("8080", "/Tcp 8080→8080")]
    [InlineData("http tcp 80 8080\ndns UDP 53\n", "http/Tcp 80→8080 dns/Udp 53→53")]
    [InlineData("  9000  \r\n\n", "/Tcp 9000→9000")]
    [InlineData("0\n70000\nx\na b c d e\nhttp tcp\nhttp quic 80\n-1\n7", "/Tcp 7→7")]
    [InlineData("", "")]
    public void Parse_PortFile_TakesWhatMakesSense(string text, string expected)
    {
        IEnumerable<PortConfig> ports = PortFile.Parse(text, 10)?.Ports ?? [];
        Assert.Equal(expected, string.Join(' ', ports.Select(static p => $"{p.Name}/{p.Protocol} {p.TargetPort}→{p.PublishedPort}")));
    }

    [Fact]
    public void Parse_PortFileWithTooMany_IsBounded() =>
        Assert.Equal(3, PortFile.Parse(string.Join('\n', Enumerable.Range(1, 100)), 3)!.Ports.Count);

    [Fact]
    public void Refresh_LinkToAnotherFile_IsNotFollowed()
    {
        string directory = Directory.CreateTempSubdirectory("swarm-port-test-").FullName;
        File.WriteAllText(Path.Combine(directory, "target"), "8080\n");
        File.CreateSymbolicLink(Path.Combine(directory, "ports"), Path.Combine(directory, "target"));
        Assert.False(new PortFile(Path.Combine(directory, "ports"), 10).Refresh());
        Assert.True(new PortFile(Path.Combine(directory, "target"), 10).Refresh());
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void Refresh_LineWithoutAnEnd_CountsOnceTheFileStaysAsItIs()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "80");
        var ports = new PortFile(path, 10);
        Assert.False(ports.Refresh());
        File.WriteAllText(path, "8080");
        Assert.False(ports.Refresh());
        Assert.True(ports.Refresh());
        Assert.Equal(8080u, Assert.Single(ports.Status!.Ports).PublishedPort);
        Assert.False(ports.Refresh());
        File.Delete(path);
    }

    [Fact]
    public void Read_ThisProcess_IsFoundWithItsParentAndMarkers()
    {
        ProcessEntry self = ProcessTable.Read(Environment.ProcessId)!.Value;
        Assert.False(self.IsDead);
        Assert.True(self.StartTime > 0);
        Assert.Contains(self, ProcessTable.ReadAll());
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), ProcessTable.ReadVariable(Environment.ProcessId, "PATH"));
        Assert.Null(ProcessTable.ReadVariable(Environment.ProcessId, "SWARM_NO_SUCH_VARIABLE"));
        Assert.Null(ProcessTable.Read(int.MaxValue));
    }

    [Fact]
    public async Task Describe_ThisMachine_HasPluginPlatformAndResources()
    {
        await using var fixture = new ExecutorFixture();
        NodeDescription description = await fixture.Executor.DescribeAsync();
        Assert.Equal([new PluginDescription { Type = "Runtime", Name = "process" }], description.Engine.Plugins);
        Assert.Equal((Environment.MachineName, "linux"), (description.Hostname, description.Platform.Os));
        Assert.Equal(Environment.ProcessorCount * 1_000_000_000L, description.Resources.NanoCpus);
        Assert.InRange(description.Resources.MemoryBytes, 64L * 1024 * 1024, long.MaxValue);
    }

    [Fact]
    public void Create_CgroupWithLimits_WritesThem()
    {
        string directory = Directory.CreateTempSubdirectory("swarm-cgroup-test-").FullName;
        var plan = new ProcessPlan("/bin/true", [], [], null, null, 15, TimeSpan.Zero, MemoryLimit: 1 << 20, NanoCpuLimit: 1_500_000_000);
        new TaskCgroup(directory).Create(plan, 42);
        Assert.Equal("1048576", File.ReadAllText(Path.Combine(directory, "memory.max")));
        Assert.Equal("150000 100000", File.ReadAllText(Path.Combine(directory, "cpu.max")));
        Assert.Equal([42], new TaskCgroup(directory).Members());
        Directory.Delete(directory, recursive: true);
    }
}
