// SPDX-License-Identifier: Apache-2.0
using CsCheck;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store.Tests.Support;

namespace Swarm.Store.Tests.Writer;

/// <summary>
/// Atoms of random writes over few ids and names, so that names are handed round and extensions come and go within one atom. The
/// writer's own check applies every entry as a follower does and throws on any difference, so this holds the joining of writes
/// against their plain execution.
/// </summary>
public sealed class AtomFuzzTests
{
    private static readonly Gen<(int Action, int Kind, int Id, int Name)> Write =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2]);

    [Fact]
    public void AnyAtoms_FollowersComeToTheLeadersState()
    {
        int done = 0;
        Write.Array[1, 12].Array[1, 20].Sample(
            atoms =>
            {
                WriterWorld world = new WriterWorld().Lead();
                foreach ((int Action, int Kind, int Id, int Name)[] writes in atoms)
                {
                    world.Write(tx =>
                    {
                        foreach (var write in writes)
                        {
                            try
                            {
                                Do(tx, write);
                                Interlocked.Increment(ref done);
                            }
                            catch (SwarmException)
                            {
                                // A refused write changes nothing; the atom goes on.
                            }
                        }
                    });
                    world.Settle();
                }

                while (world.Manual.Committed < (ulong)world.Manual.Proposed.Count)
                {
                    world.CommitNext();
                }

                Assert.Equal(0, world.Writer.Counters.Alarms);
                Assert.Equal(0, world.Writer.Counters.CommandsRefused);
            },
            iter: 400);
        Assert.True(done > 1000);
    }

    private static void Do(IStoreTransaction tx, (int Action, int Kind, int Id, int Name) write)
    {
        string id = $"i{write.Id}";
        string name = $"n{write.Name}";
        switch (write.Kind, write.Action)
        {
            case (0, 0 or 1):
                tx.Create(Make.Service(id, name));
                break;
            case (0, 2 or 3):
                tx.Update((tx.Get<Service>(id) ?? Make.Service(id, name)).WithSpec(Make.Service("", name).Spec));
                break;
            case (0, _):
                tx.Remove<Service>(id);
                break;
            case (1, 0 or 1):
                tx.Create(new Extension { Id = id, Annotations = new() { Name = name } });
                break;
            case (1, 2 or 3):
                tx.Update((tx.Get<Extension>(id) ?? new() { Id = id }).WithAnnotations(new Annotations { Name = name }));
                break;
            case (1, _):
                tx.Remove<Extension>(id);
                break;
            case (2, 0 or 1):
                tx.Create(new Resource { Id = id, Kind = name, Annotations = new() { Name = id } });
                break;
            case (2, 2 or 3):
                tx.Update((tx.Get<Resource>(id) ?? new() { Id = id }).WithKind(name));
                break;
            default:
                tx.Remove<Resource>(id);
                break;
        }
    }
}
