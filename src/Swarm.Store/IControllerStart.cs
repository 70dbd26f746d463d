// SPDX-License-Identifier: Apache-2.0
using Swarm.Api;
namespace Swarm.Store;

/// <summary>What a controller gets when a reign begins.</summary>
public interface IControllerStart
{
    /// <summary>The state at the beginning of the reign.</summary>
    IStoreReader Head { get; }

    /// <summary>The time.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Sets or moves a timer of this controller.</summary>
    /// <param name="key">Its name within the controller.</param>
    /// <param name="due">When; a time in the past means the next turn.</param>
    void SetTimer(string key, DateTimeOffset due);

    /// <summary>
    /// For the filter of a catch around the work on one stored object: tells the operator, once for each version of the object,
    /// that the controller cannot work on it, so that it goes on with the others.
    /// </summary>
    /// <param name="subject">The object.</param>
    /// <param name="error">What was thrown.</param>
    /// <returns>True if the object is to be left out; false if the error is the store's own, which must go through.</returns>
    bool LeaveOut(IStoreObject subject, Exception error);
}
