// SPDX-License-Identifier: Apache-2.0
#pragma warning disable RS0030 // This is the shell that starts processes; credentials of one thread need a thread of their own.
using System.Runtime.InteropServices;
using System.Text;

namespace Swarm.Runtime.Process;

/// <summary>Starts a program by posix_spawn: in a session of its own, with default signal handling, and as another user if asked.</summary>
/// <remarks>
/// No code of ours runs between fork and exec, which is what makes this safe in a program with many threads. Another user is reached like
/// this: on Linux the credentials belong to the thread, as far as the kernel is concerned, so a thread made for the purpose sets its
/// supplementary groups, and its <em>real</em> user and group, and stays root in effect; POSIX_SPAWN_RESETIDS then makes the child take
/// its real ids as effective ones, and exec makes the saved ones follow. Nothing of root is left in the child.
/// </remarks>
internal static unsafe class Spawner
{
    // Larger than the structures of glibc (336 and 80 bytes, 128 for a signal set) and of musl.
    private const int StructureBytes = 1024;
    private const nint Unchanged = -1;

    /// <summary>Starts a program.</summary>
    /// <param name="arguments">Path of the program and its arguments.</param>
    /// <param name="environment">NAME=VALUE.</param>
    /// <param name="descriptors">Open descriptors and the numbers they get in the child, in the order in which they are put there.</param>
    /// <param name="user">The user to run as; null for the caller's.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="IOException">The system refused; says why.</exception>
    public static int Start(
        IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<(int From, int To)> descriptors,
        UserAccount? user)
    {
        if (user is null)
        {
            return Spawn(arguments, environment, descriptors, asOther: false);
        }

        int pid = 0;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                TakeOn(user);
                pid = Spawn(arguments, environment, descriptors, asOther: true);
            }
            catch (IOException e)
            {
                failure = e;
            }
        })
        {
            IsBackground = true,
            Name = "swarm-spawn",
        };
        thread.Start();
        thread.Join();

        // The child's change of user, made while it shared our memory, has marked this process as not dumpable.
        _ = LibC.prctl(LibC.PrSetDumpable, 1, 0, 0, 0);
        return failure is null ? pid : throw failure;
    }

    // The thread ends after this, so nothing has to be put back.
    private static void TakeOn(UserAccount user)
    {
        uint[] groups = [.. user.Groups];
        fixed (uint* list = groups)
        {
            Check(LibC.syscall(SystemCallNumbers.SetGroups, groups.Length, (nint)list, 0), "set the groups");
        }

        Check(LibC.syscall(SystemCallNumbers.SetRealEffectiveSavedGroup, (nint)user.Gid, Unchanged, Unchanged), "set the group");
        Check(LibC.syscall(SystemCallNumbers.SetRealEffectiveSavedUser, (nint)user.Uid, Unchanged, Unchanged), "set the user");

        void Check(nint result, string what)
        {
            if (result != 0)
            {
                throw LibC.Failure($"cannot {what} of user {user.Name}");
            }
        }
    }

    private static int Spawn(
        IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<(int From, int To)> descriptors, bool asOther)
    {
        // Whatever the host program has open stays its own. (Linux 5.11; before that, all that .NET opens is its own anyway.)
        const nint first = 3, closeOnExec = 4;
        _ = LibC.syscall(SystemCallNumbers.CloseRange, first, unchecked((nint)uint.MaxValue), closeOnExec);
        byte* actions = stackalloc byte[StructureBytes];
        byte* attributes = stackalloc byte[StructureBytes];
        byte* signals = stackalloc byte[StructureBytes];
        using var argv = new StringVector(arguments);
        using var envp = new StringVector(environment);
        Check(LibC.posix_spawn_file_actions_init(actions), "prepare");
        Check(LibC.posix_spawnattr_init(attributes), "prepare");
        try
        {
            foreach ((int from, int to) in descriptors)
            {
                Check(LibC.posix_spawn_file_actions_adddup2(actions, from, to), "prepare");
            }

            _ = LibC.sigemptyset(signals);
            Check(LibC.posix_spawnattr_setsigmask(attributes, signals), "prepare");
            foreach (int signal in Enumerable.Range(1, 31).Where(static s => s is not (StopSignal.Kill or 19)))
            {
                _ = LibC.sigaddset(signals, signal);
            }

            Check(LibC.posix_spawnattr_setsigdefault(attributes, signals), "prepare");
            int flags = LibC.SpawnSetSession | LibC.SpawnSetSigDef | LibC.SpawnSetSigMask | (asOther ? LibC.SpawnResetIds : 0);
            Check(LibC.posix_spawnattr_setflags(attributes, (short)flags), "prepare");
            Check(LibC.posix_spawn(out int pid, argv.Pointer[0], actions, attributes, argv.Pointer, envp.Pointer), "start");
            return pid;
        }
        finally
        {
            _ = LibC.posix_spawn_file_actions_destroy(actions);
            _ = LibC.posix_spawnattr_destroy(attributes);
        }

        void Check(int errno, string what)
        {
            if (errno != 0)
            {
                throw LibC.Failure($"cannot {what} {arguments[0]}", errno);
            }
        }
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private readonly struct StringVector : IDisposable
    {
        private readonly int _count;

        public StringVector(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
            {
                byte[] text = Encoding.UTF8.GetBytes(strings[i]);
                Pointer[i] = (byte*)NativeMemory.AllocZeroed((nuint)text.Length + 1);
                text.CopyTo(new Span<byte>(Pointer[i], text.Length));
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                NativeMemory.Free(Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}
