// SPDX-License-Identifier: Apache-2.0
namespace FolderExecutor;

/// <summary>Where the folder of a task is says how far the task is.</summary>
internal sealed class TaskFolders(string root, string id)
{
    public string Copying => Make("copying");

    public string Ready => Make("ready");

    public string Live => Make("live");

    public string Ended => Make("ended");

    public IEnumerable<string> All => [Copying, Ready, Live, Ended];

    private string Make(string stage)
    {
        Directory.CreateDirectory(Path.Combine(root, stage));
        return Path.Combine(root, stage, id);
    }
}
