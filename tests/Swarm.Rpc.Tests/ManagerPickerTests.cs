// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Rpc.Tests;

public class ManagerPickerTests
{
    private static readonly ManagerPeer A = new("a", "10.0.0.1:4242");
    private static readonly ManagerPeer B = new("b", "10.0.0.2:4242");
    private static readonly ManagerPeer C = new("c", "10.0.0.3:4242");

    [Fact]
    public void Observe_NewThenAgain_SmoothsByHalf()
    {
        var picker = new ManagerPicker(new SeededRandom(1));
        picker.Observe(A, 10);
        Assert.Equal(10, Weight(picker, A));
        picker.ObserveFailure(A);
        Assert.Equal(0, Weight(picker, A));
        picker.ObserveFailure(A);
        Assert.Equal(-5, Weight(picker, A));
        picker.ObserveSuccess(A);
        Assert.Equal(2, Weight(picker, A));
    }

    [Fact]
    public void Observe_AnyHistory_StaysWithinTheCap() => Gen.Int.List[1, 50].Sample(weights =>
    {
        var picker = new ManagerPicker(new SeededRandom(1));
        weights.ForEach(w => picker.Observe(A, w));
        return Math.Abs(Weight(picker, A)) <= ManagerPicker.WeightMax;
    });

    [Fact]
    public void Pick_Weights_AreTheChances()
    {
        var picker = new ManagerPicker(new SeededRandom(5));
        picker.Observe(A, 30);
        picker.Observe(B, 10);
        picker.Observe(C, -10);
        var counts = Enumerable.Range(0, 4000).CountBy(_ => picker.Pick()!.Value).ToDictionary();
        Assert.InRange(counts[A], 2850, 3150);
        Assert.InRange(counts[B], 850, 1150);
        Assert.True(counts.GetValueOrDefault(C) < 20);
    }

    [Fact]
    public void Pick_AllFailed_StillDrawsEach()
    {
        var picker = new ManagerPicker(new SeededRandom(5));
        picker.Observe(A, -256);
        picker.Observe(B, -1);
        Assert.Equal(2, Enumerable.Range(0, 100).Select(_ => picker.Pick()!.Value).Distinct().Count());
    }

    [Fact]
    public void Pick_Excluded_IsNeverDrawnAndNoneIsNull()
    {
        var picker = new ManagerPicker(new SeededRandom(5));
        Assert.Null(picker.Pick());
        picker.Observe(A, 256);
        picker.Observe(B, 0);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(B, picker.Pick(A)));
        Assert.Null(picker.Pick(A, B));
    }

    [Fact]
    public void Pick_SameSeed_SameChoices()
    {
        string Run()
        {
            var picker = new ManagerPicker(new SeededRandom(9));
            picker.Observe(A, 10);
            picker.Observe(B, 10);
            picker.Observe(C, 10);
            return string.Concat(Enumerable.Range(0, 50).Select(_ => picker.Pick()!.Value.NodeId));
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void Replace_List_ForgetsOthersKeepsNotesAndIgnoresAnEmptyOne()
    {
        var picker = new ManagerPicker(new SeededRandom(1));
        picker.Observe(A, 10);
        picker.Observe(B, -10);
        picker.Replace([Of(B, 10), Of(C, 10), new WeightedPeer { Weight = 3 }]);
        Assert.Equal([(B, 0), (C, 10)], picker.Peers);
        picker.Replace([]);
        Assert.Equal(2, picker.Peers.Count);
        picker.ObserveSuccess(A);
        picker.Remove(C);
        Assert.Equal([(B, 0)], picker.Peers);
    }

    [Fact]
    public void Observe_BeyondTheBound_IsNotTakenIn()
    {
        var picker = new ManagerPicker(new SeededRandom(1));
        for (int i = 0; i < ManagerPicker.PeersMax + 10; i++)
        {
            picker.Observe(new ManagerPeer($"n{i}", $"h{i}:1"), 1);
        }

        Assert.Equal(ManagerPicker.PeersMax, picker.Peers.Count);
    }

    private static int Weight(ManagerPicker picker, ManagerPeer peer) => picker.Peers.Single(p => p.Peer == peer).Weight;

    private static WeightedPeer Of(ManagerPeer peer, long weight) =>
        new() { Peer = new Peer { NodeId = peer.NodeId, Addr = peer.Address }, Weight = weight };
}
