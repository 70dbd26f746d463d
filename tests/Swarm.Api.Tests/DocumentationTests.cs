// SPDX-License-Identifier: Apache-2.0
using System.Xml.Linq;

namespace Swarm.Api.Tests;

/// <summary>Comments in the protos become the documentation of the package.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void MessagesAndEnums_EachHasADescription()
    {
        XDocument file = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Swarm.Api.xml"));
        HashSet<string> described =
        [
            .. file.Descendants("member").Where(m => m.Element("summary")?.Value.Trim().Length > 0).Select(m => m.Attribute("name")!.Value),
        ];
        IEnumerable<Type> types = Contracts.Messages.Select(m => m.ClrType).Concat(Contracts.Enums.Select(e => e.ClrType));

        Assert.Empty(types.Select(t => "T:" + t.FullName!.Replace('+', '.')).Except(described));
    }
}
