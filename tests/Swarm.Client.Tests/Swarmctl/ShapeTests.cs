// SPDX-License-Identifier: Apache-2.0
using Swarm.Samples.Swarmctl.Output;

namespace Swarm.Client.Tests.Swarmctl;

/// <summary>The bytes of tables and field lists, as scripts know them.</summary>
public sealed class ShapeTests
{
    [Fact]
    public void TextTable_List_HasGapsOfTwoAndNoGapAtTheEnd()
    {
        var table = new TextTable(TextTable.ListGap, "ID", "Name", "Manager Status");
        table.Add("nbdzjk8ro4i73myuo3tjiu07t", "node-1", "REACHABLE *");
        table.Add("kbdzjk8ro4i73myuo3tjiu07t", "n", "");

        Assert.Equal(
            """
            ID                         Name    Manager Status
            --                         ----    --------------
            nbdzjk8ro4i73myuo3tjiu07t  node-1  REACHABLE *
            kbdzjk8ro4i73myuo3tjiu07t  n       |

            """.Replace("|", "", StringComparison.Ordinal),
            Text(table.WriteTo));
    }

    [Fact]
    public void TextTable_Inspect_HasGapsOfFour()
    {
        var table = new TextTable(TextTable.InspectGap, "Task ID", "Service", "Slot", "Node");
        table.Add("f1trp2ksgm87cvxblji36bnfj", "glob", "0", "node-1");

        Assert.Equal(
            """
            Task ID                      Service    Slot    Node
            -------                      -------    ----    ----
            f1trp2ksgm87cvxblji36bnfj    glob       0       node-1

            """,
            Text(table.WriteTo));
    }

    [Fact]
    public void TextTable_LineEndInACell_BecomesABlank()
    {
        var table = new TextTable(TextTable.ListGap, "A");
        table.Add("one\ntwo");

        Assert.Equal("A\n-\none two\n", Text(table.WriteTo));
    }

    [Fact]
    public void FieldList_Column_IsEightWiderThanItsLongestName()
    {
        var fields = new FieldList();
        fields.Add("ID", "xp49");
        fields.Head("Template");
        fields.Head(" Container");
        fields.Add("  Image", "busybox");

        Assert.Equal(
            """
            ID                : xp49
            Template          |
             Container        |
              Image           : busybox

            """.Replace("|", "", StringComparison.Ordinal),
            Text(fields.WriteTo));
    }

    [Fact]
    public void FieldList_Line_StartsANewColumn()
    {
        var fields = new FieldList();
        fields.Add("ID", "tqr7");
        fields.Add("Name", "default");
        fields.Line("Orchestration settings:");
        fields.Add("Longer name", "x");

        Assert.Equal("ID          : tqr7\nName        : default\nOrchestration settings:\nLonger name        : x\n", Text(fields.WriteTo));
    }

    private static string Text(Action<TextWriter> write)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        write(writer);
        return writer.ToString();
    }
}
