// SPDX-License-Identifier: Apache-2.0
using System.Text;
using CsCheck;
using Swarm.Api;
using Swarm.Runtime.Docker.Logs;

namespace Swarm.Runtime.Docker.Tests.Logs;

public class LineSplitterTests
{
    private const string T1 = "2026-01-02T03:04:05.123456789Z ";
    private const string T2 = "2026-01-02T03:04:06.000000001Z ";
    private const int Piece = 16 * 1024;

    [Fact]
    public void Take_Lines_HaveTheirTimesWithoutRounding()
    {
        List<TaskLogLine> lines = Split($"{T1}one\n{T2}two words\r\n{T2}\n");

        Assert.Equal(["one", "two words", ""], lines.Select(Text));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567), lines[0].Timestamp);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero), lines[1].Timestamp);
    }

    [Fact]
    public void Take_BytesInAnyParts_GivesTheSameLines()
    {
        string text = $"{T1}one\n{T2}{new string('x', 300)}\n{T2}2026 is no time\n{T1}last";
        List<string> whole = Split(text, 100).ConvertAll(Text);
        Gen.Int[1, 40].List[1, 80].Sample(parts => Assert.Equal(whole, Split(text, 100, parts).ConvertAll(Text)));
    }

    [Theory]
    [InlineData(99, new[] { 99 })]
    [InlineData(100, new[] { 100 })]
    [InlineData(101, new[] { 100, 1 })]
    [InlineData(250, new[] { 100, 100, 50 })]
    public void Take_LongLine_IsCutAndNothingIsAdded(int length, int[] lengths) =>
        Assert.Equal([.. lengths, 3], Split($"{T1}{new string('x', length)}\n{T2}end\n", 100).Select(static line => line.Data.Length));

    [Fact]
    public void Take_CutAfterACarriageReturnWithinALine_KeepsIt() =>
        Assert.Equal(new string('x', 99) + "\ry", string.Concat(Split($"{T1}{new string('x', 99)}\ry\n", 100).Select(Text)));

    [Theory]
    [InlineData(Piece)]
    [InlineData(Piece + 1)]
    [InlineData((2 * Piece) + 100)]
    public void Take_LineThatTheEngineSplit_IsOneLineWithoutTheTimesWithin(int length)
    {
        string text = string.Concat(Enumerable.Range(0, length).Select(static i => (char)('a' + (i % 26))));
        string sent = string.Concat(text.Chunk(Piece).Select((part, i) => (i == 0 ? T1 : T2) + new string(part)));

        // A program's line of just one piece: its end comes as a piece of its own.
        sent += length % Piece == 0 ? T2 + "\n" : "\n";
        List<TaskLogLine> lines = Split($"{sent}{T2}next\n", 1024 * 1024);

        Assert.Equal([text, "next"], lines.Select(Text));
        Assert.Equal(5, lines[0].Timestamp.Second);
        Assert.Equal([text[..Piece], text[Piece..], "next"], Split($"{sent}{T2}next\n").Select(Text).Where(static t => t.Length > 0).Aggregate(
            new List<string> { "", "", "" }, (sum, t) => { sum[t == "next" ? 2 : sum[0].Length < Piece ? 0 : 1] += t; return sum; }));
    }

    [Fact]
    public void Take_EndlessBytesWithoutATime_AreCutToo()
    {
        List<TaskLogLine> lines = Split(new string('x', 1000), 100);

        Assert.Equal(10, lines.Count);
        Assert.All(lines, static line => Assert.Equal(100, line.Data.Length));
    }

    [Fact]
    public void End_HalfALine_IsGiven()
    {
        Assert.Equal(["half"], Split($"{T1}half").Select(Text));
        Assert.Equal(["2026-01"], Split("2026-01").Select(Text));
        Assert.Empty(Split($"{T1}"));
    }

    private static string Text(TaskLogLine line) => Encoding.UTF8.GetString(line.Data.Span);

    private static List<TaskLogLine> Split(string text, int max = Piece, IEnumerable<int>? parts = null)
    {
        var splitter = new LineSplitter(LogStream.Stdout, max);
        var lines = new List<TaskLogLine>();
        ReadOnlyMemory<byte> left = Encoding.UTF8.GetBytes(text);
        foreach (int part in parts ?? [])
        {
            int count = Math.Min(part, left.Length);
            lines.AddRange(splitter.Take(left[..count]));
            left = left[count..];
        }

        lines.AddRange(splitter.Take(left));
        lines.AddRange(splitter.End());
        return lines;
    }
}
