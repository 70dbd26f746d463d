// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Swarm.Security;

/// <summary>Files that are replaced whole, surviving a crash at any point. Mode 0600.</summary>
internal static partial class SafeFile
{
    /// <summary>Ending of a file that has been written but not taken yet.</summary>
    public const string Aside = ".new";

    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Writes the content beside the file and forces it to disk.</summary>
    public static void WriteAside(string path, ReadOnlySpan<byte> content)
    {
        string aside = path + Aside;
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(aside, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Puts the content written aside in the file's place; does nothing if there is none.</summary>
    public static void Take(string path)
    {
        if (File.Exists(path + Aside))
        {
            File.Move(path + Aside, path, overwrite: true);
        }
    }

    /// <summary>Forces renames in a directory to disk. .NET has no call for it.</summary>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int handle = Open(path, OpenDirectory | OpenCloseOnExec);
        if (handle < 0)
        {
            throw new IOException($"cannot open directory {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        try
        {
            if (Fsync(handle) != 0)
            {
                throw new IOException($"cannot force directory {path} to disk: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
