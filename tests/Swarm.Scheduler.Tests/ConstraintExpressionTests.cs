// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
using Swarm.Core;

namespace Swarm.Scheduler.Tests;

public sealed class ConstraintExpressionTests
{
    private static readonly Node Sample = Make.Node("abc", with: n =>
    {
        n.Role = NodeRole.Manager;
        n.Status.Addr = "10.1.2.3";
        n.Spec.Annotations.Labels.Add("zone", "East");
        n.Description.Engine.Labels.Add("storage", "ssd");
    });

    [Theory]
    [InlineData("node.id==ABC", true)]
    [InlineData("node.id==abd", false)]
    [InlineData("node.hostname==HOST-abc", true)]
    [InlineData("node.hostname!=host-abc", false)]
    [InlineData("node.role==manager", true)]
    [InlineData("node.role!=manager", false)]
    [InlineData("NODE.ROLE == Manager", true)]
    [InlineData("node.role==worker", false)]
    [InlineData("node.platform.os==Linux", true)]
    [InlineData("node.platform.arch==x86_64", true)]
    [InlineData("node.platform.arch!=x86_64", false)]
    [InlineData("node.labels.zone==east", true)]
    [InlineData("node.labels.zone != west", true)]
    [InlineData("node.labels.Zone==east", false)]
    [InlineData("node.labels.rack==1", false)]
    [InlineData("node.labels.rack!=1", true)]
    [InlineData("engine.labels.storage==SSD", true)]
    [InlineData("engine.labels.storage!=ssd", false)]
    [InlineData("node.ip==10.1.2.3", true)]
    [InlineData("node.ip!=10.1.2.3", false)]
    [InlineData("node.ip==10.1.2.4", false)]
    [InlineData("node.ip==10.1.0.0/16", true)]
    [InlineData("node.ip==10.1.2.99/24", true)]
    [InlineData("node.ip!=10.1.0.0/16", false)]
    [InlineData("node.ip==10.1.2.2/31", true)]
    [InlineData("node.ip==10.1.2.4/31", false)]
    [InlineData("node.ip==0.0.0.0/0", true)]
    [InlineData("node.ip!=2001:db8::/32", true)]
    [InlineData("node.ip==::ffff:10.1.2.3", true)]
    [InlineData("node.ip==10.1", false)]
    [InlineData("node.ip!=10.1", false)]
    [InlineData("node.ip!=10.1.2.0/33", false)]
    [InlineData("node.ip!=10.1.2.0/x", false)]
    [InlineData("node.color==red", false)]
    [InlineData("node.color!=red", false)]
    [InlineData("node.labels.==x", false)]
    public void Matches_EachKeyAndOperator_HoldsOrNot(string text, bool holds) =>
        Assert.Equal(holds, ConstraintExpression.Parse(text).Matches(Sample));

    [Fact]
    public void Matches_NodeThatTellsNothing_HasEmptyValues()
    {
        var node = new Node { Id = "n" };
        Assert.True(ConstraintExpression.Parse("node.hostname!=a").Matches(node));
        Assert.False(ConstraintExpression.Parse("node.platform.os==linux").Matches(node));
        Assert.True(ConstraintExpression.Parse("node.ip!=10.0.0.1").Matches(node));
        Assert.True(ConstraintExpression.Parse("node.role==worker").Matches(node));
    }

    [Theory]
    [InlineData("", "expected one operator")]
    [InlineData("node.role", "expected one operator")]
    [InlineData("node.role=worker", "expected one operator")]
    [InlineData("node.role>worker", "expected one operator")]
    [InlineData("==worker", "at least two characters")]
    [InlineData("n==worker", "at least two characters")]
    [InlineData("1node==worker", "the key \"1node\"")]
    [InlineData("no de==worker", "the key \"no de\"")]
    [InlineData("node.role==", "the value is missing")]
    [InlineData("node.role!= ", "the value is missing")]
    [InlineData("node.role===worker", "the value \"=worker\"")]
    [InlineData("node.role==a,b", "the value \"a,b\"")]
    public void Parse_WhatIsNoConstraint_SaysWhatIsWrong(string text, string expected)
    {
        var error = Assert.Throws<SwarmException>(() => ConstraintExpression.ParseAll(["node.role==worker", text]));
        Assert.Equal(SwarmErrorCode.InvalidArgument, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_BlanksAround_AreDropped()
    {
        ConstraintExpression constraint = ConstraintExpression.Parse("  node.labels.a  !=  b c  ");
        Assert.Equal("node.labels.a", constraint.Key);
        Assert.Equal(ConstraintOperator.NotEqual, constraint.Operator);
        Assert.Equal("b c", constraint.Value);
        Assert.Equal("node.labels.a!=b c", constraint.ToString());
    }
}
