// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Swarm.Runtime.Process;

/// <summary>The calls of the C library (glibc or musl, Linux on x86-64 or arm64) that .NET has no form of.</summary>
internal static unsafe partial class LibC
{
    public const int EINTR = 4;
    public const int ESRCH = 3;
    public const int ECHILD = 10;
    public const int EOPNOTSUPP = 95;
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenAppend = 0x400;
    public const int OpenNonBlock = 0x800;
    public const int OpenCloseOnExec = 0x80000;
    public const int OwnerOnly = 0x180; // rw-------
    public const int WaitNoHang = 1;
    public const short PollIn = 1;
    public const int PunchHoleKeepSize = 3;
    public const short SpawnResetIds = 0x01;
    public const short SpawnSetSigDef = 0x04;
    public const short SpawnSetSigMask = 0x08;
    public const short SpawnSetSession = 0x80;
    public const int PrSetDumpable = 4;
    public const long TmpfsMagic = 0x01021994;
    public const long Cgroup2Magic = 0x63677270;

    // The numbers differ by architecture; those of arm64 are the generic table of the kernel.
    public static int OpenNoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    public static bool IsRoot => geteuid() == 0;

    [LibraryImport("libc", SetLastError = true)]
    public static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle file, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle file, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int lchown(string path, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int access(string path, int mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(SafeFileHandle file, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollFd* fds, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint a, nint b, nint c);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, SafeFileHandle file, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statfs(string path, byte* buffer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc")]
    public static partial int posix_spawn(out int pid, byte* path, byte* fileActions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    public static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    public static partial int sigaddset(byte* signals, int signal);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getpwnam_r(string name, Passwd* entry, byte* buffer, nuint length, out Passwd* result);

    [LibraryImport("libc")]
    public static partial int getpwuid_r(uint uid, Passwd* entry, byte* buffer, nuint length, out Passwd* result);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getgrnam_r(string name, GroupEntry* entry, byte* buffer, nuint length, out GroupEntry* result);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getgrouplist(string user, uint group, uint* groups, int* count);

    /// <summary>The type of the file system a path is on; 0 when that cannot be told.</summary>
    public static long FileSystemType(string path)
    {
        byte* buffer = stackalloc byte[512];
        return statfs(path, buffer) == 0 ? *(long*)buffer : 0;
    }

    /// <summary>The user and the group who own a file; null when that cannot be told.</summary>
    public static (uint User, uint Group)? OwnerOf(string path, bool follow)
    {
        const int currentDirectory = -100, noFollow = 0x100, ownerMask = 0x18, userOffset = 20, groupOffset = 24;
        byte* buffer = stackalloc byte[256];
        return statx(currentDirectory, path, follow ? 0 : noFollow, ownerMask, buffer) == 0
            ? (*(uint*)(buffer + userOffset), *(uint*)(buffer + groupOffset)) : null;
    }

    /// <summary>Opens a file without ever following a symbolic link at its end; the descriptor is not inherited.</summary>
    public static SafeFileHandle Open(string path, int flags, int mode = 0)
    {
        int fd = open(path, flags | OpenCloseOnExec | OpenNoFollow, mode);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failure($"cannot open {path}");
    }

    /// <summary>
    /// Reads the start of a file that somebody else writes: never follows a link, never waits, reads no more than asked for.
    /// </summary>
    public static byte[] ReadStart(string path, int bytesMax)
    {
        using SafeFileHandle file = Open(path, OpenReadOnly | OpenNonBlock);
        byte[] buffer = new byte[bytesMax];
        return buffer[..Read(file, buffer)];
    }

    /// <summary>Reads once, from a pipe or a file.</summary>
    public static int Read(SafeFileHandle file, Span<byte> buffer)
    {
        fixed (byte* memory = buffer)
        {
            nint count = read(file, memory, (nuint)buffer.Length);
            return count >= 0 ? (int)count : throw Failure("cannot read");
        }
    }

    /// <summary>Writes a few bytes to a pipe.</summary>
    /// <returns>False when nobody reads it any more.</returns>
    public static bool Write(SafeFileHandle pipe, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* memory = bytes)
        {
            return write(pipe, memory, (nuint)bytes.Length) == bytes.Length;
        }
    }

    /// <summary>An error with the text of the last system call's error number.</summary>
    public static IOException Failure(string what) => Failure(what, Marshal.GetLastPInvokeError());

    /// <summary>An error with the text of an error number.</summary>
    public static IOException Failure(string what, int errno) => new($"{what}: {Marshal.GetPInvokeErrorMessage(errno)}");

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Passwd
    {
        public byte* Name;
        public byte* Password;
        public uint Uid;
        public uint Gid;
        public byte* Gecos;
        public byte* Home;
        public byte* Shell;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct GroupEntry
    {
        public byte* Name;
        public byte* Password;
        public uint Gid;
        public byte** Members;
    }
}
