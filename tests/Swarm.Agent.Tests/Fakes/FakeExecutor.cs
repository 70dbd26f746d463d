// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Swarm.Api;
using Swarm.Runtime;

namespace Swarm.Agent.Tests.Fakes;

/// <summary>An executor whose world is a dictionary that tests look into and change.</summary>
internal sealed class FakeExecutor(string name = "fake") : IExecutor
{
    public string RuntimeName => name;

    /// <summary>The world. Give it to the executor of a later agent to play a machine that went on.</summary>
    internal SortedDictionary<string, FakeWork> World { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Every call, as NAME TASK or NAME DETAIL.</summary>
    internal List<string> Calls { get; init; } = [];

    internal NodeDescription Description { get; set; } = new()
    {
        Hostname = "from-executor",
        Platform = new Platform { Architecture = "x86_64", Os = "linux" },
        Resources = new Resources { NanoCpus = 4_000_000_000, MemoryBytes = 1 << 30 },
    };

    /// <summary>What the next calls of a kind throw; looked up by NAME TASK.</summary>
    internal Dictionary<string, Queue<Exception>> Failures { get; } = [];

    /// <summary>Whether shutdown hangs until it is cancelled.</summary>
    internal bool IsStubborn { get; set; }

    public Task<NodeDescription> DescribeAsync(CancellationToken cancellationToken = default)
    {
        Note("describe", name);
        return Task.FromResult(Description.Clone());
    }

    public Task ConfigureAsync(Node node, CancellationToken cancellationToken = default)
    {
        Note("configure", node.Id);
        return Task.CompletedTask;
    }

    public bool CanRun(Api.Task task) => RuntimePlugins.NameOf(task) == name;

    public ITaskController CreateController(Api.Task task, ITaskDependencies dependencies)
    {
        Note("create", task.Id);
        return new Controller(this, task, dependencies);
    }

    public Task SetNetworkBootstrapKeysAsync(IReadOnlyList<EncryptionKey> keys, CancellationToken cancellationToken = default)
    {
        Note("keys", $"{keys.Count}");
        return Task.CompletedTask;
    }

    public Task ReconcileAsync(IReadOnlyCollection<string> knownTaskIds, CancellationToken cancellationToken = default)
    {
        Note("reconcile", string.Join(',', knownTaskIds));
        foreach ((string id, FakeWork work) in World.Where(pair => !knownTaskIds.Contains(pair.Key)))
        {
            work.IsRemoved = true;
            work.End(137);
        }

        return Task.CompletedTask;
    }

    private void Note(string call, string detail)
    {
        Calls.Add($"{call} {detail}");
        if (Failures.TryGetValue($"{call} {detail}", out Queue<Exception>? failures) && failures.TryDequeue(out Exception? failure))
        {
            throw failure;
        }
    }

    private sealed class Controller : ITaskController, ITaskLogSource, IPortStatusSource, IContainerStatusSource, ITaskStatusNotifier
    {
        private readonly FakeExecutor _owner;
        private readonly string _id;
        private readonly FakeWork _work;
        private readonly Api.Task _task;
        private readonly ITaskDependencies _dependencies;

        internal Controller(FakeExecutor owner, Api.Task task, ITaskDependencies dependencies)
        {
            (_owner, _id, _task, _dependencies) = (owner, task.Id, task, dependencies);
            if (!owner.World.TryGetValue(_id, out FakeWork? work))
            {
                owner.World[_id] = work = new FakeWork();
            }

            _work = work;
        }

        public event EventHandler? StatusChanged
        {
            add => _work.Changed += value;
            remove => _work.Changed -= value;
        }

        public Task UpdateAsync(Api.Task task, CancellationToken cancellationToken = default) => Call("update", () => _work.Updates++);

        public Task PrepareAsync(CancellationToken cancellationToken = default) => Call("prepare", () =>
        {
            _work.SecretSeen = _dependencies.GetSecret(_task.Spec.ResourceReferences.FirstOrDefault()?.ResourceId ?? "")?.Id;
            _work.IsPrepared = true;
        });

        public Task StartAsync(CancellationToken cancellationToken = default) => Call("start", () =>
        {
            Assert.False(_work.IsRemoved, "removed work must not be started");
            if (_work.Starts > 0)
            {
                throw new TaskControllerException(TaskControllerErrorKind.AlreadyStarted, "started before");
            }

            _work.Starts++;
            _work.IsRunning = true;
        });

        public async Task WaitAsync(CancellationToken cancellationToken = default)
        {
            await Call("wait", static () => { });
            await UntilAsync(() => !_work.IsRunning, cancellationToken);
            if (_work.ExitCode is not 0)
            {
                throw new TaskExitException(_work.ExitCode ?? TaskExitException.UnknownExitCode);
            }
        }

        public async Task ShutdownAsync(CancellationToken cancellationToken = default)
        {
            await Call("shutdown", static () => { });
            if (_owner.IsStubborn)
            {
                await UntilAsync(static () => false, cancellationToken);
            }

            await TerminateAsync(cancellationToken);
        }

        public Task TerminateAsync(CancellationToken cancellationToken = default) => Call("terminate", () =>
        {
            if (_work.IsRunning)
            {
                _work.End(143);
            }
        });

        public Task RemoveAsync(CancellationToken cancellationToken = default) => Call("remove", () =>
        {
            _work.IsRunning = false;
            _work.IsRemoved = true;
        });

        public async IAsyncEnumerable<TaskLogLine> ReadLogsAsync(
            LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            _owner.Note("logs", $"{_id} tail={options.Tail}");
            for (int i = 0; ; i++)
            {
                if (i >= _work.Lines.Count)
                {
                    if (!options.Follow)
                    {
                        yield break;
                    }

                    await UntilAsync(() => i < _work.Lines.Count, cancellationToken);
                }

                yield return _work.Lines[i];
            }
        }

        public Task<ContainerStatus?> GetContainerStatusAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult(_work.Starts > 0 ? new ContainerStatus { Pid = 7, ExitCode = _work.ExitCode ?? 0 } : null);

        public Task<PortStatus?> GetPortStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(_work.Ports);

        public ValueTask DisposeAsync()
        {
            _owner.Note("close", _id);
            return ValueTask.CompletedTask;
        }

        private Task Call(string call, Action action)
        {
            try
            {
                _owner.Note(call, _id);
                action();
                return Task.CompletedTask;
            }
            catch (Exception e)
            {
                return Task.FromException(e);
            }
        }

        private async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
        {
            while (!holds())
            {
                var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                void OnChanged(object? sender, EventArgs e) => changed.TrySetResult();
                _work.Changed += OnChanged;
                using CancellationTokenRegistration registration = cancellationToken.Register(
                    () => changed.TrySetCanceled(cancellationToken));
                try
                {
                    await changed.Task;
                }
                finally
                {
                    _work.Changed -= OnChanged;
                }
            }
        }
    }
}
