// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Docker.Tests.Engine;

public class TaskEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(137, true, "", "task: non-zero exit (137): out of memory: it wanted more than its limit")]
    [InlineData(137, false, "", "task: non-zero exit (137)")]
    [InlineData(128, false, "exec: no such file\n", "task: non-zero exit (128): exec: no such file")]
    [InlineData(0, false, "lost", "task: non-zero exit (0): lost")]
    public async Task Wait_ContainerThatFailed_SaysWhy(int code, bool outOfMemory, string error, string text)
    {
        await using FakeEngine fake = Engine(OneContainer.Ended(code, outOfMemory, error));
        await using var executor = new DockerExecutor(fake.Options());
        await using ITaskController controller = OneContainer.ControllerOf(executor, OneContainer.Task());

        TaskExitException end = await Assert.ThrowsAsync<TaskExitException>(() => controller.WaitAsync(Cancel));
        Assert.Equal(code, end.ExitCode);
        Assert.Equal(text, end.Message);
    }

    [Fact]
    public async Task Wait_OutOfMemoryOfAChildAlone_IsNoFailure()
    {
        await using FakeEngine fake = Engine(OneContainer.Ended(0, outOfMemory: true));
        await using var executor = new DockerExecutor(fake.Options());
        await using ITaskController controller = OneContainer.ControllerOf(executor, OneContainer.Task());

        await controller.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData("no answer\non port 80\n", "unhealthy container: its check ended with exit code 1: no answer on port 80")]
    [InlineData("", "unhealthy container: its check ended with exit code 1")]
    [InlineData(null, "unhealthy container")]
    public async Task Wait_UnhealthyContainer_IsStoppedAndItsCheckToldAsReason(string? output, string text)
    {
        object[] log = output is null ? [] : [new { ExitCode = 0, Output = "old" }, new { ExitCode = 1, Output = output }];
        bool stopped = false;
        await using var fake = new FakeEngine(call =>
        {
            stopped |= call.Path == "/containers/c1/stop";
            return call.Method == "POST" ? call.NoContentAsync()
                : call.Path == "/events" ? HangAsync(call)
                : call.JsonAsync(OneContainer.Inspection(stopped ? OneContainer.Ended(143) : new
                {
                    Status = "running", Running = true, StartedAt = "2026-01-01T00:00:00Z", Health = new { Status = "unhealthy", Log = log },
                }));
        });
        await using var executor = new DockerExecutor(fake.Options());
        await using ITaskController controller = OneContainer.ControllerOf(
            executor, OneContainer.Task(static s => s.StopGracePeriod = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(7))));

        TaskControllerException end = await Assert.ThrowsAsync<TaskControllerException>(() => controller.WaitAsync(Cancel));
        Assert.Equal(text, end.Message);
        Assert.Equal("t=7", Assert.Single(fake.Calls, static call => call.Path == "/containers/c1/stop").Query);
    }

    private static FakeEngine Engine(object state) => new(
        call => call.Path == "/events" ? HangAsync(call) : call.JsonAsync(OneContainer.Inspection(state)));

    private static async Task HangAsync(FakeCall call)
    {
        await call.BeginAsync();
        await call.HangAsync();
    }
}
