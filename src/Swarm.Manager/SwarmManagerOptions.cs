// SPDX-License-Identifier: Apache-2.0
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>Settings of a manager.</summary>
public sealed class SwarmManagerOptions
{
    /// <summary>Address under which other nodes reach this manager, HOST:PORT; they are told it. Needed.</summary>
    public string AdvertiseAddress { get; set; } = "";

    /// <summary>Settings of the store's writer.</summary>
    public StoreWriterOptions Store { get; set; } = new();

    /// <summary>Settings of the part that workers talk to.</summary>
    public DispatcherOptions Dispatcher { get; set; } = new();

    /// <summary>Settings of the certificate service.</summary>
    public CaOptions Ca { get; set; } = new();

    /// <summary>Settings of the log broker.</summary>
    public LogBrokerOptions LogBroker { get; set; } = new();

    /// <summary>Names of further features that peers are told of, beside those that every manager of this project has; default none.</summary>
    public IReadOnlyList<string> Features { get; set; } = [];

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is missing or out of its range; the text names it.</exception>
    public void Validate()
    {
        if (AdvertiseAddress.Length == 0)
        {
            throw new ArgumentException(
                $"{nameof(AdvertiseAddress)} is empty; give the HOST:PORT under which other nodes reach this manager.");
        }

        Store.Validate();
        Dispatcher.Validate();
        Ca.Validate();
        LogBroker.Validate();
    }
}
