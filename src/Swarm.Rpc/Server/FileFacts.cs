// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Swarm.Rpc.Server;

/// <summary>
/// Looks at a file without opening it, which .NET has no call for: opening a named pipe waits for its other end, and opening a device
/// may do anything.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Inode">Its number in its file system; zero where the system is not Linux.</param>
internal readonly partial record struct FileFacts(FileKind Kind, ulong Inode)
{
    // statx(2): the layout is the same on all machines, as that of stat(2) is not.
    private const int StructureSize = 256;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const uint TypeAndInode = 0x1 | 0x100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const int CurrentDirectory = -100;

    private const int NoSuchEntry = 2;
    private const int NotADirectory = 20;
    private const int TypeMask = 0xf000;

    /// <summary>Looks at what a path names.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileFacts Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileFacts(Guess(path), 0);
        }

        Span<byte> facts = stackalloc byte[StructureSize];
        if (Look(CurrentDirectory, path, NoFollow, TypeAndInode, ref MemoryMarshal.GetReference(facts)) == 0)
        {
            return Read(facts);
        }

        return Marshal.GetLastPInvokeError() is NoSuchEntry or NotADirectory
            ? default
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Looks at an open file.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileFacts Of(SafeHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileFacts(FileKind.Regular, 0);
        }

        Span<byte> facts = stackalloc byte[StructureSize];
        return LookAtOpen(file, "", EmptyPath, TypeAndInode, ref MemoryMarshal.GetReference(facts)) == 0
            ? Read(facts)
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    private static FileFacts Read(ReadOnlySpan<byte> facts)
    {
        FileKind kind = (BitConverter.ToUInt16(facts[ModeOffset..]) & TypeMask) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Directory,
            0xc000 => FileKind.Socket,
            0xa000 => FileKind.Link,
            0x1000 => FileKind.Pipe,
            _ => FileKind.Device,
        };
        return new FileFacts(kind, BitConverter.ToUInt64(facts[InodeOffset..]));
    }

    // Elsewhere: a socket is what is neither a directory nor has a size.
    private static FileKind Guess(string path)
    {
        var file = new FileInfo(path);
        return Directory.Exists(path) ? FileKind.Directory
            : !file.Exists ? FileKind.None
            : file.LinkTarget is not null ? FileKind.Link
            : file.Length > 0 ? FileKind.Regular
            : FileKind.Socket;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Look(int directory, string path, int flags, uint mask, ref byte facts);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int LookAtOpen(SafeHandle directory, string path, int flags, uint mask, ref byte facts);
}
