// SPDX-License-Identifier: Apache-2.0
using Swarm.Core;

namespace Swarm.Runtime.Testing;

/// <summary>How a call to a controller ended.</summary>
internal readonly record struct CallEnd(CallEndKind Kind, Exception? Error = null)
{
    public static CallEnd Of(Task ended)
    {
        if (ended.IsCompletedSuccessfully)
        {
            return new CallEnd(CallEndKind.Succeeded);
        }

        if (ended.IsCanceled)
        {
            return new CallEnd(CallEndKind.Cancelled);
        }

        Exception error = ended.Exception!.InnerExceptions[0];
        return new CallEnd(KindOf(error), error);
    }

    public override string ToString() => Error is null ? Kind.ToString() : $"{Kind} ({Error.GetType().Name}: {Error.Message})";

    private static CallEndKind KindOf(Exception error) => error switch
    {
        OperationCanceledException => CallEndKind.Cancelled,
        TaskExitException => CallEndKind.Exited,
        TaskControllerException { Kind: TaskControllerErrorKind.AlreadyPrepared } => CallEndKind.AlreadyPrepared,
        TaskControllerException { Kind: TaskControllerErrorKind.AlreadyStarted } => CallEndKind.AlreadyStarted,
        TaskControllerException { Kind: TaskControllerErrorKind.Closed } => CallEndKind.Closed,
        TaskControllerException { Kind: TaskControllerErrorKind.Temporary } => CallEndKind.Temporary,
        TaskControllerException or SwarmException => CallEndKind.Fatal,
        _ => CallEndKind.Unexpected,
    };
}
