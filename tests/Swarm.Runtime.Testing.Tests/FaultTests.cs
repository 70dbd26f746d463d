// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Testing.Tests;

/// <summary>
/// The kit passes an executor that can do everything, and finds each fault that is planted in it: by the cases that are about it.
/// </summary>
public sealed class FaultTests
{
    public static TheoryData<string> Cases => ConformanceRun.Names(new ModelTarget(Fault.None));

    // Fault → the start of the names of the cases that have to find it.
    public static TheoryData<Fault, string> Faults => new()
    {
        { Fault.LeavesItselfOutOfTheDescription, "Describe_NamesItsRuntime" },
        { Fault.SharesItsDescription, "Describe_NamesItsRuntime" },
        { Fault.HidesResources, "Describe_NamesItsResources" },
        { Fault.TakesForeignTasks, "CanRun_" },
        { Fault.PreparesWhenMade, "CreateController_" },
        { Fault.StartsWhenPrepared, "Order_" },
        { Fault.ForgetsThatItIsPrepared, "Order_" },
        { Fault.StartsTwice, "Order_" },
        { Fault.StartsAgainWhenAsked, "Order_" },
        { Fault.SaysStartedButIsNot, "Order_" },
        { Fault.CancelledStartDoublesTheWork, "Cancel_Start" },
        { Fault.WaitEndsEarly, "Wait_" },
        { Fault.WaitHangsOnCancel, "Cancel_Wait" },
        { Fault.CancelledWaitKillsTheWork, "Cancel_Wait" },
        { Fault.WaitForgetsTheExitCode, "Exit_7" },
        { Fault.ShutdownReturnsEarly, "Order_" },
        { Fault.ShutdownHangsOnCancel, "Cancel_ShutdownOfStubbornWork" },
        { Fault.ShutdownStopsOthers, "Tasks_" },
        { Fault.ShutdownFailsWhenNotStarted, "Order_" },
        { Fault.ShutdownNeverForces, "Shutdown_" },
        { Fault.ShutdownForcesAtOnce, "Shutdown_" },
        { Fault.TerminateWaitsForTheGrace, "Terminate_" },
        { Fault.RemoveLeavesThingsBehind, "Order_" },
        { Fault.RemoveFailsWhenRemoved, "Order_" },
        { Fault.CloseStopsTheWork, "Order_" },
        { Fault.WorksAfterClose, "Order_" },
        { Fault.ThrowsAnything, "Order_" },
        { Fault.CallsTheImpossibleTemporary, "Prepare_" },
        { Fault.GivesUpOnASecret, "Secret_" },
        { Fault.ForgetsAfterCrash, "Crash_AgainAndAgain" },
        { Fault.ForgetsTheExitCodeAfterCrash, "Crash_WorkEndedMeanwhile" },
        { Fault.ReconcileEndsEverything, "Reconcile_" },
        { Fault.ReconcileEndsNothing, "Reconcile_" },
        { Fault.LosesTheLastLine, "Logs_AfterTheEnd" },
        { Fault.LosesBlankLines, "Logs_AfterTheEnd" },
        { Fault.MixesUpStreams, "Logs_AfterTheEnd" },
        { Fault.DoublesLogsAfterCrash, "Logs_AfterCrash" },
        { Fault.IgnoresTail, "Logs_Tail" },
        { Fault.IgnoresSince, "Logs_Since" },
        { Fault.IgnoresStreams, "Logs_Streams" },
        { Fault.FollowNeverEnds, "Logs_Follow_" },
        { Fault.FollowEndsEarly, "Logs_Follow" },
        { Fault.HidesPorts, "Ports_OfRunningWork" },
        { Fault.ForgetsPortsAfterCrash, "Ports_AfterCrash" },
        { Fault.InventsPorts, "Ports_OfWorkWithout" },
        { Fault.HasAStatusTooEarly, "ContainerStatus_" },
        { Fault.IgnoresLimits, "Limit_" },
    };

    [Fact]
    public void Faults_AllOfThem_AreInTheTable() => Assert.Equal(
        Enum.GetValues<Fault>().Where(static fault => fault != Fault.None), Faults.Select(static row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Model_WithoutFault_KeepsTheContract(string name) => ConformanceRun.RunAsync(new ModelTarget(Fault.None), name);

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Model_WithAFault_IsFound(Fault fault, string cases)
    {
        ConformanceException found = await Assert.ThrowsAsync<ConformanceException>(async () =>
        {
            var kit = new ExecutorConformance(new ModelTarget(fault));
            foreach (ConformanceCase one in kit.Cases.Where(one => one.Name.StartsWith(cases, StringComparison.Ordinal)))
            {
                await one.RunAsync(TestContext.Current.CancellationToken);
            }
        });
        Assert.StartsWith(cases, found.Message);
        Assert.Contains("The rule: ", found.Message);
    }
}
