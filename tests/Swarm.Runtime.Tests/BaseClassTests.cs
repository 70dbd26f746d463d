// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Runtime.Tests;

public sealed class BaseClassTests
{
    private static readonly Api.Task Mine = new() { Id = "t1", Spec = new TaskSpec { Generic = new GenericRuntimeSpec { Kind = "own" } } };

    [Fact]
    public async Task Executor_DescribesItsPlugin_AndTakesTasksOfItsKindOnly()
    {
        var executor = new OwnExecutor();

        PluginDescription plugin = Assert.Single((await executor.DescribeAsync(TestContext.Current.CancellationToken)).Engine.Plugins);
        Assert.Equal((RuntimePlugins.PluginType, "own"), (plugin.Type, plugin.Name));
        Assert.IsType<OwnController>(executor.CreateController(Mine, NoTaskDependencies.Instance));
        var container = new Api.Task { Id = "t2", Spec = new TaskSpec { Container = new ContainerSpec() } };
        Assert.False(executor.CanRun(container));
        var refused = Assert.Throws<SwarmException>(() => executor.CreateController(container, NoTaskDependencies.Instance));
        Assert.Equal((SwarmErrorCode.InvalidArgument, "task t2 needs runtime 'docker', not 'own'"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task Controller_EachCall_DoesWhatTheRuntimeSays_TerminateAsShutdown()
    {
        var controller = new OwnController(Mine);
        CancellationToken none = CancellationToken.None;

        await controller.PrepareAsync(none);
        await controller.StartAsync(none);
        await controller.UpdateAsync(new Api.Task { Id = "t1", Slot = 7 }, none);
        await controller.ShutdownAsync(none);
        await controller.TerminateAsync(none);
        await controller.RemoveAsync(none);

        Assert.Equal(["prepare 0", "start 0", "shutdown 7", "shutdown 7", "remove 7"], controller.Calls);
    }

    [Fact]
    public async Task Controller_ErrorsOfFiles_AreTheTasks()
    {
        var controller = new OwnController(Mine) { OnCall = () => throw new IOException("disk full") };

        var failed = await Assert.ThrowsAsync<TaskControllerException>(() => controller.PrepareAsync(CancellationToken.None));

        Assert.Equal((TaskControllerErrorKind.Fatal, "task t1: disk full"), (failed.Kind, failed.Message));
        Assert.IsType<IOException>(failed.InnerException);
    }

    [Fact]
    public async Task Controller_Closed_EachCallSaysSo_AlsoOneUnderWay()
    {
        var controller = new OwnController(Mine);
        Task wait = controller.WaitAsync(CancellationToken.None);

        await controller.DisposeAsync();
        await controller.DisposeAsync();

        Assert.Equal(TaskControllerErrorKind.Closed, (await Assert.ThrowsAsync<TaskControllerException>(() => wait)).Kind);
        Func<Task>[] calls =
        [
            () => controller.UpdateAsync(Mine), () => controller.PrepareAsync(), () => controller.StartAsync(), () => controller.WaitAsync(),
            () => controller.ShutdownAsync(), () => controller.TerminateAsync(), () => controller.RemoveAsync(),
        ];
        foreach (Func<Task> call in calls)
        {
            Assert.Equal(TaskControllerErrorKind.Closed, (await Assert.ThrowsAsync<TaskControllerException>(call)).Kind);
        }

        Assert.Empty(controller.Calls);
    }

    [Fact]
    public async Task Controller_CallerGivesUp_IsCancelledBeforeAndWhileItWaits()
    {
        var controller = new OwnController(Mine);
        using var cancel = new CancellationTokenSource();
        Task wait = controller.WaitAsync(cancel.Token);

        cancel.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => controller.PrepareAsync(cancel.Token));
        Assert.Empty(controller.Calls);
    }

    private sealed class OwnExecutor() : ExecutorBase("own")
    {
        public override Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default) =>
            Task.CompletedTask;

        protected override ITaskController NewController(Api.Task task, ITaskDependencies dependencies) => new OwnController(task);
    }

    private sealed class OwnController(Api.Task task) : TaskControllerBase(task)
    {
        public List<string> Calls { get; } = [];

        public Action OnCall { get; init; } = static () => { };

        protected override Task OnPrepareAsync(CancellationToken stop) => Note("prepare");

        protected override Task OnStartAsync(CancellationToken stop) => Note("start");

        protected override Task OnWaitAsync(CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);

        protected override Task OnShutdownAsync(CancellationToken stop) => Note("shutdown");

        protected override Task OnRemoveAsync(CancellationToken stop) => Note("remove");

        private Task Note(string call)
        {
            OnCall();
            Calls.Add($"{call} {Definition.Slot}");
            return Task.CompletedTask;
        }
    }
}
