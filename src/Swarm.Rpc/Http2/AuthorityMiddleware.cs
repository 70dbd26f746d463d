// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Swarm.Rpc.Http2;

/// <summary>Puts an <see cref="AuthorityRewriter"/> between TLS and Kestrel on the connections of one listener.</summary>
internal sealed class AuthorityMiddleware(ConnectionDelegate next, ILogger logger)
{
    private const long BufferMax = 256 * 1024;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        IDuplexPipe original = connection.Transport;
        var pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: BufferMax, resumeWriterThreshold: BufferMax / 2, useSynchronizationContext: false));
        connection.Transport = new RewrittenPipe(pipe.Reader, original.Output);
        Task pump = PumpAsync(original.Input, pipe.Writer);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = original;
            await pipe.Reader.CompleteAsync();
            original.Input.CancelPendingRead();
            await pump;
        }
    }

    private async Task PumpAsync(PipeReader input, PipeWriter output)
    {
        var rewriter = new AuthorityRewriter();
        Exception? failure = null;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync();
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    rewriter.Push(segment.Span, output);
                }

                input.AdvanceTo(read.Buffer.End);
                FlushResult flush = await output.FlushAsync();
                if (read.IsCompleted || read.IsCanceled || flush.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (HpackException e)
        {
            RpcLog.ConnectionEnded(logger, e.Message);
            failure = new ConnectionAbortedException(e.Message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ConnectionAbortedException)
        {
            // The client went away, or the server stops: the same to Kestrel.
            failure = new ConnectionResetException(e.Message, e);
        }

        await output.CompleteAsync(failure);
    }

    private sealed class RewrittenPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
