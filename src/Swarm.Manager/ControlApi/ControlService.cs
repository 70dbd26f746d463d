// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Manager.ControlApi;
using Swarm.Manager.ControlApi.Validation;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The control API: every request is checked against the rules of its kind, writes go through the one writer, reads answer
/// from what is committed. Who may call is checked before (<c>AuthorizationInterceptor</c>). Methods throw
/// <see cref="Swarm.Core.SwarmException"/>, which the server maps to a gRPC status. Thread-safe.
/// </summary>
public sealed partial class ControlService : Control.ControlBase
{
    private readonly StoreWriter _writer;
    private readonly ICertificateIssuer _issuer;
    private readonly ControlServiceOptions _options;
    private readonly ManagerRoster _roster;

    /// <summary>Makes the service.</summary>
    /// <param name="writer">The writer of this manager.</param>
    /// <param name="issuer">Makes the secrets of join tokens.</param>
    /// <param name="options">Bounds; the defaults when left out.</param>
    /// <param name="roster">How each manager is, shown with its node; nothing is shown when left out.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ControlService(
        StoreWriter writer, ICertificateIssuer issuer, ControlServiceOptions? options = null, ManagerRoster? roster = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(issuer);
        _writer = writer;
        _issuer = issuer;
        _options = options ?? new ControlServiceOptions();
        _roster = roster ?? new ManagerRoster();
        _options.Validate();
    }

    private StoreView State => _writer.Committed;

    private static Task<T> Answer<T>(T response) => Task.FromResult(response);

    private static T Found<T>(T? found, string kind, string id)
        where T : class, IStoreObject
    {
        ControlRules.ObjectExists.Require(found is not null, kind, id);
        return found!;
    }

    private static T Read<T>(IStoreReader state, string kind, string id)
        where T : class, IStoreObject
    {
        ControlRules.ObjectId.Require(id.Length > 0, kind);
        return Found(state.Get<T>(id), kind, id);
    }

    /// <summary>The stored object that an update names, if it names its version too.</summary>
    private static T ReadForUpdate<T>(IStoreReader state, string kind, string id, Api.Version? version)
        where T : class, IStoreObject
    {
        T stored = Read<T>(state, kind, id);
        ControlRules.ObjectVersion.Require(version is not null, kind);
        ControlRules.ObjectSequence.Require(stored.Meta?.Version?.Index == version!.Index);
        return stored;
    }

    private static void RequireFreeName<T>(IStoreReader state, string kind, string name)
        where T : class, IStoreObject => ControlRules.NameFree.Require(state.GetByName<T>(name) is null, kind, name);

    // The object as its entry leaves it; as the command left it, where a later command of the same entry removed it.
    private static Func<IStoreReader, TAnswer> Left<T, TAnswer>(IStoreTransaction tx, string id, Func<T, TAnswer> answer)
        where T : class, IStoreObject
    {
        T written = tx.Get<T>(id)!;
        return state => answer(state.Get<T>(id) ?? written);
    }

    private Task<T> WriteAsync<T>(
        string name, ServerCallContext context, Func<IStoreTransaction, Func<IStoreReader, T>> command) =>
        _writer.SubmitAsync(name, command, context.CancellationToken);

    private Task<T> Bounded<T>(T response)
        where T : IMessage
    {
        int size = response.CalculateSize();
        ControlRules.AnswerSize.Require(size <= _options.MaxAnswerBytes, size, _options.MaxAnswerBytes);
        return Answer(response);
    }
}
