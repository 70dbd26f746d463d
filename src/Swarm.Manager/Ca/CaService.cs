// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The service that gives out the root certificate, to anyone, and the unlock key, to managers. Answers from the committed state.
/// Thread-safe.
/// </summary>
/// <param name="writer">The store.</param>
public sealed class CaService(StoreWriter writer) : CA.CABase
{
    /// <inheritdoc/>
    public override Task<GetRootCACertificateResponse> GetRootCACertificate(
        GetRootCACertificateRequest request, ServerCallContext context) =>
        Task.FromResult(new GetRootCACertificateResponse { Certificate = ClusterOf(writer).RootCa.CaCert });

    /// <inheritdoc/>
    public override Task<GetUnlockKeyResponse> GetUnlockKey(GetUnlockKeyRequest request, ServerCallContext context)
    {
        Cluster cluster = ClusterOf(writer);
        bool locked = cluster.Spec?.EncryptionConfig?.AutoLockManagers ?? false;
        EncryptionKey? key = locked ? cluster.UnlockKeys.FirstOrDefault(key => key.Subsystem == "swarm-manager") : null;
        return Task.FromResult(new GetUnlockKeyResponse
        {
            UnlockKey = key?.Key ?? ByteString.Empty,
            Version = cluster.Meta?.Version ?? new Api.Version(),
        });
    }

    private static Cluster ClusterOf(StoreWriter writer) =>
        writer.Committed.All<Cluster>().FirstOrDefault() is { RootCa.CaCert.IsEmpty: false } cluster
            ? cluster
            : throw new SwarmException(SwarmErrorCode.Unavailable, "the cluster is not set up yet; try again in a moment");
}
