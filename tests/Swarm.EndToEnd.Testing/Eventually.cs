// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Swarm.EndToEnd.Testing;

/// <summary>Waits for what other processes do. Every wait has a limit and says what it waited for.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(150);

    public static async Task TrueAsync(string what, Func<Task<bool>> condition, int seconds = 30, Func<Task<string>>? state = null)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(seconds))
            {
                throw new TimeoutException($"Not within {seconds} s: {what}.\n{(state is null ? "" : await state())}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
