// SPDX-License-Identifier: Apache-2.0
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Swarm.Api;
using Swarm.Core;
using Swarm.Rpc;
using Swarm.Security;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The service that gives nodes their certificates: a joining node shows a token, a member its present certificate. Requests become a part
/// of the replicated state; whichever manager leads signs them. Thread-safe.
/// </summary>
public sealed class NodeCaService : NodeCA.NodeCABase, IAsyncDisposable
{
    private readonly StoreWriter _writer;
    private readonly CaOptions _options;
    private readonly ICertificateIssuer _issuer;
    private readonly CaCore _core;
    private readonly Reactor _reactor;
    private readonly Dictionary<long, TaskCompletionSource<NodeCertificateStatusResponse>> _waiters = [];
    private ClusterCa? _ca;
    private long _lastNumber;

    /// <summary>Makes the service; <see cref="Start"/> it to begin.</summary>
    /// <param name="writer">The store.</param>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="issuer">Checks requests and signs, with the key that the cluster object holds.</param>
    /// <param name="mailbox">Where it runs.</param>
    /// <param name="logger">Where failures go; nowhere if null.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public NodeCaService(StoreWriter writer, CaOptions options, ICertificateIssuer issuer, Mailbox mailbox, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _writer = writer;
        _options = options;
        _issuer = issuer;
        _core = new CaCore(options);
        _reactor = new Reactor(writer, mailbox, _core, CarryOut, logger ?? NullLogger.Instance);
    }

    /// <summary>Begins to follow the store.</summary>
    public void Start() => _reactor.Start();

    /// <inheritdoc/>
    public override Task<IssueNodeCertificateResponse> IssueNodeCertificate(
        IssueNodeCertificateRequest request, ServerCallContext context)
    {
        CheckRequest(request);
        ICallerIdentity caller = context.GetCaller();
        Func<IStoreTransaction, Node> ask = caller.Role == CallerRole.None
            ? transaction => CertificateWrites.Join(transaction, request, _options.AcceptManagers)
            : transaction => CertificateWrites.Renew(transaction, caller.NodeId, request.Csr);
        return _writer.SubmitAsync<IssueNodeCertificateResponse>(
            "ca.issue",
            transaction =>
            {
                Node node = ask(transaction);
                var response = new IssueNodeCertificateResponse
                {
                    NodeId = node.Id,
                    NodeMembership = node.Spec?.Membership ?? NodeSpec.Types.Membership.Accepted,
                };
                return _ => response;
            },
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<NodeCertificateStatusResponse> NodeCertificateStatus(
        NodeCertificateStatusRequest request, ServerCallContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        return _reactor.Mailbox.RunAsync(async () =>
        {
            long number = ++_lastNumber;
            var answer = new TaskCompletionSource<NodeCertificateStatusResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add(number, answer);
            try
            {
                _reactor.Step(now =>
                {
                    _core.Wait(number, request.NodeId, now);
                    return true;
                });
                using (cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken)))
                {
                    return await answer.Task;
                }
            }
            finally
            {
                _waiters.Remove(number);
                _reactor.Step(_ => _core.StopWaiting(number));
            }
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reactor.Mailbox.InvokeAsync(() =>
        {
            foreach (TaskCompletionSource<NodeCertificateStatusResponse> waiter in _waiters.Values)
            {
                waiter.TrySetException(new SwarmException(SwarmErrorCode.Unavailable, "this manager is stopping; try another one"));
            }

            return true;
        });
        await _reactor.DisposeAsync();
    }

    private void CheckRequest(IssueNodeCertificateRequest request)
    {
        if (request.Csr.IsEmpty)
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, "no certificate request (CSR) was given");
        }

        if (request.Csr.Length > _options.RequestBytesMax)
        {
            throw new SwarmException(
                SwarmErrorCode.InvalidArgument,
                $"the certificate request takes {request.Csr.Length} bytes; at most {_options.RequestBytesMax} are allowed");
        }

        if (!Enum.IsDefined(request.Availability))
        {
            throw new SwarmException(SwarmErrorCode.InvalidArgument, $"there is no node availability {(int)request.Availability}");
        }

        _issuer.CheckRequest(request.Csr);
    }

    private void CarryOut()
    {
        for (IReadOnlyList<CaOutput> outputs = _core.TakeOutputs(); outputs.Count > 0; outputs = _core.TakeOutputs())
        {
            foreach (CaOutput output in outputs)
            {
                CarryOut(output);
            }
        }
    }

    private void CarryOut(CaOutput output)
    {
        switch (output)
        {
            case CaOutput.Sign sign:
                Sign(sign);
                break;
            case CaOutput.Post post:
                _reactor.Post("ca.issued", post.Write.Apply, (error, now) => _core.OnPosted(post.Write, error, now));
                break;
            case CaOutput.Answer answer
                when _waiters.TryGetValue(answer.Request, out TaskCompletionSource<NodeCertificateStatusResponse>? waiter):
                if (answer.Error is null)
                {
                    waiter.TrySetResult(answer.Response!);
                }
                else
                {
                    waiter.TrySetException(answer.Error);
                }

                break;
        }
    }

    private void Sign(CaOutput.Sign request)
    {
        try
        {
            Cluster cluster = request.Cluster;
            TimeSpan life = (cluster.Spec?.CaConfig?.NodeCertExpiry).OrDefault(SwarmDefaults.NodeCertificateExpiry);
            ByteString certificate = AuthorityOf(cluster).IssueNodeCertificate(
                request.Request, request.NodeId, request.Role, cluster.Id, life, _reactor.Mailbox.Time.GetUtcNow());
            _core.OnSigned(request, certificate, "");
        }
        catch (SwarmException e)
        {
            _core.OnSigned(request, null, e.Message);
        }
    }

    private ClusterCa AuthorityOf(Cluster cluster)
    {
        RootCA root = cluster.RootCa ?? new RootCA();
        if (root.CaKey.IsEmpty)
        {
            throw new SwarmException(SwarmErrorCode.FailedPrecondition, "this cluster holds no key to sign certificates with");
        }

        if (_ca is null || !_ca.CertificatePem.Equals(root.CaCert) || !_ca.KeyPem.Equals(root.CaKey))
        {
            _ca = new ClusterCa(_issuer, new CertificateKeyPair(root.CaCert, root.CaKey));
        }

        return _ca;
    }
}
