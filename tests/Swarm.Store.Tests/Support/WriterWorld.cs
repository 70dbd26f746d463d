// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;
using Swarm.Simulation;

namespace Swarm.Store.Tests.Support;

/// <summary>A writer in simulated time, with every check switched on.</summary>
internal sealed class WriterWorld
{
    public WriterWorld(
        IReadOnlyList<Func<IController>>? controllers = null,
        Action<StoreWriterOptions>? configure = null,
        Func<Mailbox, IProposer>? proposer = null,
        ulong seed = 1)
    {
        Loop = new(seed);
        SimulatedHost host = Loop.AddHost("manager");
        Mailbox = host.Create("writer");
        Client = host.Create("client");
        var options = new StoreWriterOptions { DetectMutation = true, VerifyEntries = true };
        configure?.Invoke(options);
        IProposer log = proposer?.Invoke(host.Create("log")) ?? Manual;
        Writer = new(options, log, controllers ?? [], Mailbox, seed);
        Writer.Start();
    }

    public SimulationLoop Loop { get; }

    public Mailbox Mailbox { get; }

    public Mailbox Client { get; }

    public ManualProposer Manual { get; } = new();

    public StoreWriter Writer { get; }

    /// <summary>Runs everything that can run without time passing.</summary>
    public void Settle() => Loop.RunFor(TimeSpan.Zero);

    /// <summary>Begins a reign of the manual log.</summary>
    public WriterWorld Lead(ulong reign = 1)
    {
        Manual.Begin(reign);
        Settle();
        return this;
    }

    public void CommitNext()
    {
        Manual.CommitNext();
        Settle();
    }

    /// <summary>Submits a command that gives what is stored under an id when its entry has committed.</summary>
    public Task<Service?> Write(Action<IStoreTransaction> write, string answerId = "") => Writer.SubmitAsync<Service?>("test", tx =>
    {
        write(tx);
        return r => r.Get<Service>(answerId);
    });

    public static SwarmErrorCode Refused(Task task)
    {
        Assert.True(task.IsFaulted, $"the answer is {task.Status}");
        return Assert.IsType<SwarmException>(task.Exception!.InnerException).Code;
    }
}
