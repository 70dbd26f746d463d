// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Swarm.Runtime;

/// <summary>
/// Writes what the work of an in-process task logs to the log of that task, beside whatever other providers do with it: every
/// <see cref="ILogger"/> of the program that the work uses, in what it awaits, and in what it starts. What is logged elsewhere is not its business.
/// A line is <c>level: category[event id]: message</c>, an exception follows it; errors go to the task's error output, the rest to its standard
/// output. <c>UseInProcessExecutor</c> registers it; which levels and categories it gets, the program's logging rules say. Thread-safe.
/// </summary>
public sealed class InProcessTaskLoggerProvider : ILoggerProvider
{
    private static readonly AsyncLocal<InProcessTaskContext?> Flow = new();

    /// <summary>The task whose work runs here; null outside of any.</summary>
    internal static InProcessTaskContext? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new TaskLogger(categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // It holds nothing.
    }

    private sealed class TaskLogger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && Current is not null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            if (logLevel == LogLevel.None || Current is not { } task)
            {
                return;
            }

            string line = $"{Word(logLevel)}: {category}[{eventId.Id}]: {formatter(state, exception)}";
            string text = exception is null ? line : $"{line}\n{exception}";
            if (logLevel >= LogLevel.Error)
            {
                task.WriteErrorLine(text);
            }
            else
            {
                task.WriteLine(text);
            }
        }

        // As the console's formatter says it.
        private static string Word(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
