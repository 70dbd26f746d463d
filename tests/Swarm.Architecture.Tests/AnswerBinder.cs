// SPDX-License-Identifier: Apache-2.0
using Grpc.Core;
using Swarm.Core;

namespace Swarm.Architecture.Tests;

/// <summary>
/// Asks each method of a service what it refuses out of hand: the sentence of its <c>Unimplemented</c>, or nothing if it looks at
/// the request first.
/// </summary>
internal sealed class AnswerBinder : ServiceBinderBase
{
    public Dictionary<string, string> Answers { get; } = new(StringComparer.Ordinal);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Ask(method, handler!, () => handler!(Activator.CreateInstance<TRequest>(), null!));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Ask(method, handler!, () => handler!(Activator.CreateInstance<TRequest>(), null!, null!));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Ask(method, handler!, () => handler!(null!, null!));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Ask(method, handler!, () => handler!(null!, null!, null!));

    private void Ask(IMethod method, Delegate handler, Func<Task> call)
    {
        // A method that nobody wrote is the one of the generated base.
        string refusal = handler.Method.DeclaringType!.Name.EndsWith("Base", StringComparison.Ordinal) ? "not written" : "";
        try
        {
            Task answer = call();
            refusal += Sentence(answer.Exception?.InnerException);
        }
        catch (Exception e) when (e is SwarmException or RpcException or NullReferenceException or ArgumentException)
        {
            // It has no caller and no streams to look at: only what it says before that counts.
            refusal += Sentence(e);
        }

        Answers.Add(method.FullName, refusal);
    }

    private static string Sentence(Exception? problem) => problem switch
    {
        SwarmException { Code: SwarmErrorCode.Unimplemented } refused => refused.Message,
        RpcException { StatusCode: StatusCode.Unimplemented } refused => refused.Status.Detail,
        _ => "",
    };
}
