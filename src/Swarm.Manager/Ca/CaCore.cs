// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Core;
using Swarm.Store;

namespace Swarm.Manager;

/// <summary>
/// The certificate service as a stepped machine: finds nodes that wait for a signature in the committed state, has a bounded number
/// of them signed and stored at a time while this manager leads, and answers those who wait for their certificate. Not thread-safe.
/// </summary>
internal sealed class CaCore(CaOptions options) : IReactorCore
{
    private readonly TimerQueue _timers = new();
    private readonly MarkedSet<string> _unsigned = new();
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, string> _waiters = [];
    private readonly Dictionary<string, List<long>> _waitersOf = new(StringComparer.Ordinal);
    private List<CaOutput> _outputs = [];
    private IStoreReader? _view;
    private bool _leads;

    /// <summary>When <see cref="OnTimer"/> is to be called; null for never.</summary>
    public DateTimeOffset? NextTimer => _timers.Next;

    /// <summary>Takes what is to be done, in order.</summary>
    public IReadOnlyList<CaOutput> TakeOutputs()
    {
        List<CaOutput> taken = _outputs;
        _outputs = [];
        return taken;
    }

    /// <summary>This manager leads from now on.</summary>
    public void BeginReign(IStoreReader view, DateTimeOffset now)
    {
        EndReign();
        _leads = true;
        OnReset(view, now);
    }

    /// <summary>This manager leads no longer.</summary>
    public void EndReign()
    {
        _leads = false;
        _unsigned.RemoveWhere(_ => true);
        _underWay.Clear();
    }

    /// <summary>Changes were missed; this is the state now.</summary>
    public void OnReset(IStoreReader view, DateTimeOffset now)
    {
        _view = view;
        foreach (Node node in view.All<Node>())
        {
            Note(node);
        }

        foreach (string nodeId in _waitersOf.Keys.Where(id => view.Get<Node>(id) is null).Order(StringComparer.Ordinal).ToList())
        {
            AnswerAll(nodeId, null, Gone(nodeId));
        }

        SignMore();
    }

    /// <summary>The state went on by these changes.</summary>
    public void OnChanges(IStoreReader view, IReadOnlyList<StoreChange> changes, DateTimeOffset now)
    {
        _view = view;
        foreach (StoreChange change in changes)
        {
            if (change.New is Node node)
            {
                Note(node);
            }
            else if (change is { New: null, Old: Node gone })
            {
                AnswerAll(gone.Id, null, Gone(gone.Id));
            }
        }

        SignMore();
    }

    /// <summary>A signature was made, or not.</summary>
    /// <param name="request">What was to be signed.</param>
    /// <param name="certificate">The certificate; null if there is none.</param>
    /// <param name="error">Why there is none.</param>
    public void OnSigned(CaOutput.Sign request, ByteString? certificate, string error)
    {
        if (_underWay.Contains(request.NodeId))
        {
            _outputs.Add(new CaOutput.Post(
                new CertificateWrite(request.NodeId, request.Request, request.Role, certificate ?? ByteString.Empty, error)));
        }
    }

    /// <summary>A write ended.</summary>
    public void OnPosted(CertificateWrite write, SwarmException? error, DateTimeOffset now)
    {
        if (!_underWay.Remove(write.NodeId))
        {
            return;
        }

        if (error is not null)
        {
            _timers.Set("n:" + write.NodeId, now + options.RetryDelay);
        }
        else if (_view?.Get<Node>(write.NodeId) is { } node)
        {
            // It may have asked again meanwhile.
            Note(node);
        }

        SignMore();
    }

    /// <summary>A node waits for its certificate; the answer comes out when there is one, or with the state as it is in the end.</summary>
    public void Wait(long request, string nodeId, DateTimeOffset now)
    {
        Node? node = _view?.Get<Node>(nodeId);
        if (node is null)
        {
            _outputs.Add(new CaOutput.Answer(request, null, Gone(nodeId)));
        }
        else if (CertificateWrites.IsFinal(node))
        {
            _outputs.Add(new CaOutput.Answer(request, Response(node), null));
        }
        else if (_waiters.Count >= options.WaitersMax)
        {
            var error = new SwarmException(
                SwarmErrorCode.ResourceExhausted, "too many nodes wait for their certificate; try again in a moment");
            _outputs.Add(new CaOutput.Answer(request, null, error));
        }
        else
        {
            _waiters.Add(request, nodeId);
            if (!_waitersOf.TryGetValue(nodeId, out List<long>? requests))
            {
                _waitersOf.Add(nodeId, requests = []);
            }

            requests.Add(request);
            _timers.Set(WaitTimer(request), now + options.WaitMax);
        }
    }

    /// <summary>Whoever waited does so no longer.</summary>
    public void StopWaiting(long request)
    {
        if (_waiters.Remove(request, out string? nodeId))
        {
            _timers.Cancel(WaitTimer(request));
            List<long> requests = _waitersOf[nodeId];
            requests.Remove(request);
            if (requests.Count == 0)
            {
                _waitersOf.Remove(nodeId);
            }
        }
    }

    /// <summary>Time went on.</summary>
    public void OnTimer(DateTimeOffset now)
    {
        while (_timers.TryTakeDue(now, out string key))
        {
            string subject = key[2..];
            if (key[0] == 'n')
            {
                if (_view?.Get<Node>(subject) is { } node)
                {
                    Note(node);
                }
            }
            else
            {
                long request = long.Parse(subject, CultureInfo.InvariantCulture);
                string nodeId = _waiters[request];
                StopWaiting(request);
                _outputs.Add(new CaOutput.Answer(request, Response(_view!.Get<Node>(nodeId)!), null));
            }
        }

        SignMore();
    }

    private static string WaitTimer(long request) => "w:" + request.ToString(CultureInfo.InvariantCulture);

    private static SwarmException Gone(string nodeId) => new(SwarmErrorCode.NotFound, $"node not found: {nodeId}");

    private static NodeCertificateStatusResponse Response(Node node) => new()
    {
        Status = node.Certificate?.Status ?? new IssuanceStatus(),
        Certificate = node.Certificate ?? new Certificate(),
    };

    private void Note(Node node)
    {
        if (_leads && CertificateWrites.WantsSignature(node))
        {
            _unsigned.Add(node.Id);
        }

        if (CertificateWrites.IsFinal(node))
        {
            AnswerAll(node.Id, Response(node), null);
        }
    }

    private void AnswerAll(string nodeId, NodeCertificateStatusResponse? response, SwarmException? error)
    {
        if (_waitersOf.TryGetValue(nodeId, out List<long>? requests))
        {
            foreach (long request in requests.ToList())
            {
                StopWaiting(request);
                _outputs.Add(new CaOutput.Answer(request, response, error));
            }
        }
    }

    private void SignMore()
    {
        if (!_leads || _view!.All<Cluster>().FirstOrDefault() is not { } cluster)
        {
            return;
        }

        _unsigned.RemoveWhere(nodeId =>
        {
            if (_underWay.Contains(nodeId))
            {
                // Its write is under way, and looks again when it is done.
                return true;
            }

            if (_view.Get<Node>(nodeId) is not { } node || !CertificateWrites.WantsSignature(node))
            {
                return true;
            }

            if (_underWay.Count >= options.SignaturesInFlightMax)
            {
                return false;
            }

            _underWay.Add(nodeId);
            _timers.Cancel("n:" + nodeId);
            _outputs.Add(new CaOutput.Sign(nodeId, node.Certificate.Csr, node.Certificate.Role, cluster));
            return true;
        });
    }
}
