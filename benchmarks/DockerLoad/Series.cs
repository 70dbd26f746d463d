// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace DockerLoad;

/// <summary>Times of one way, in milliseconds, in the order of the rounds.</summary>
internal sealed class Series(string name)
{
    private readonly List<double> _times = [];

    public double Last => _times[^1];

    public void Add(double time) => _times.Add(time);

    /// <summary>How many times longer this took: the ratio of the medians, and the median of the ratios of each round.</summary>
    public string Ratio(Series other) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median(_times) / Median(other._times):0.00} (medians), {Median(_times.Zip(other._times, static (a, b) => a / b)):0.00} (by round)");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{name,-28} median {Median(_times),7:0} ms, least {_times.Min(),7:0} ms, most {_times.Max(),7:0} ms");

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
