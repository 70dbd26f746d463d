// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Api.Tests;

public sealed class MethodRolesTests
{
    private const AllowedCallers Nodes = AllowedCallers.Worker | AllowedCallers.Manager;
    private const AllowedCallers Everyone = Nodes | AllowedCallers.Anyone;

    [Fact]
    public void All_AgainstTheServices_CoversEveryMethodAndNoOther()
    {
        IEnumerable<string> methods = Contracts.Services.SelectMany(s => s.Methods, (s, m) => $"/{s.FullName}/{m.Name}");

        Assert.Equal(methods.Order(StringComparer.Ordinal), MethodRoles.All.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_EveryMethod_IsWhatTheReferenceAllows()
    {
        Assert.All(MethodRoles.All, entry => Assert.Equal(Expected(entry.Key), entry.Value));
        Assert.All(MethodRoles.All, entry => Assert.Equal(entry.Value, MethodRoles.Of(entry.Key)));
    }

    [Theory]
    [InlineData("/docker.swarmkit.v1.Control/Nothing")]
    [InlineData("Control/ListNodes")]
    [InlineData("")]
    public void Of_AMethodThatDoesNotExist_IsNobody(string method) => Assert.Equal(AllowedCallers.None, MethodRoles.Of(method));

    private static AllowedCallers Expected(string method)
    {
        string[] parts = method.Split('/');
        string service = parts[1].Split('.')[^1];
        return (service, parts[2]) switch
        {
            ("CA", "GetRootCACertificate") or ("NodeCA", _) or ("Peer", "Capabilities") => Everyone,
            ("Departure", "Announce") => AllowedCallers.Worker | AllowedCallers.Manager,
            ("Dispatcher" or "ResourceAllocator" or "LogBroker", _) => Nodes,
            ("CA" or "Health" or "Raft" or "RaftMembership" or "Control" or "Watch" or "Logs", _) => AllowedCallers.Manager,
            _ => AllowedCallers.None,
        };
    }
}
