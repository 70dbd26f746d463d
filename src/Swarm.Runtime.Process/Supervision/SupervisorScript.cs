// SPDX-License-Identifier: Apache-2.0
namespace Swarm.Runtime.Process;

/// <summary>
/// The supervisor of a task: a POSIX shell in a session of its own that starts the command, waits for it, and writes down its exit code.
/// It is what lets an agent be killed and come back: the command's parent lives on, and the exit code is in a file even if nobody
/// watched.
/// </summary>
/// <remarks>
/// <para>Descriptors: 0 is a pipe from the agent, 1 and 2 are the files that take the output, 9 is the file for what the supervisor has
/// to say: "pid N", then "exit N" (128 plus the signal's number for a command that a signal ended).</para>
/// <para>The supervisor waits for the word "go" before it starts anything. By then the agent has put it into its cgroup and has written
/// down who it is. An agent that dies before closes the pipe, and the supervisor leaves: no command ever runs that no agent knows
/// of.</para>
/// <para>Signals sent to the whole session end the command and not the supervisor: it catches them (a caught signal is back to its
/// default in the command, an ignored one would not be). Its own words ("Terminated") go nowhere, so that the log holds only the task's
/// output; therefore the command's shell takes up the error output itself: a shell keeps a redirection in force while it waits.</para>
/// </remarks>
internal static class SupervisorScript
{
    public const string Shell = "/bin/sh";
    public const int ReportDescriptor = 9;

    // The variable's name is one no task uses: what the shell was given as environment goes on to the command, changed or not.
    private const string Text = """
        trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM
        cd /
        read -r SWARM_SUPERVISOR_WORD || exit 125
        [ "$SWARM_SUPERVISOR_WORD" = go ] || exit 125
        exec </dev/null 7>&2 2>/dev/null
        /bin/sh -c 'echo "pid $$" >&9; exec 9>&- 2>&7 7>&-; cd "$1" || exit 126; shift; exec "$@"' swarm-task "$@"
        echo "exit $?" >&9
        """;

    /// <summary>The word the supervisor waits for.</summary>
    public static ReadOnlySpan<byte> Go => "go\n"u8;

    public static List<string> Arguments(string workingDirectory, ProcessPlan plan) =>
        [Shell, "-c", Text, "swarm-supervisor", workingDirectory, plan.Program, .. plan.Arguments];
}
