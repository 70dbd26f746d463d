// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Google.Protobuf;
using Swarm.Api;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Secrets;

/// <summary>Expands secrets and configs that are templates: besides what values of a specification may say, {{secret "target"}},
/// {{config "target"}} and {{env "NAME"}} of the same task.</summary>
internal sealed class PayloadTemplate
{
    private const string Golang = "golang";

    private readonly ContainerSpec _spec;
    private readonly ITaskDependencies _dependencies;
    private readonly TaskTemplate _template;

    public PayloadTemplate(Api.Task task, ContainerSpec spec, ContainerPlanContext context)
    {
        (_spec, _dependencies) = (spec, context.Dependencies);
        _template = new TaskTemplate(context, task)
        {
            Encode = static value => FromBytes(ByteString.CopyFromUtf8(value)),
            Functions = new Dictionary<string, Func<string, string>>(StringComparer.Ordinal)
            {
                ["secret"] = target => FromBytes(SecretAt(ToText(target))),
                ["config"] = target => FromBytes(ConfigAt(ToText(target))),
                ["env"] = name => FromBytes(ByteString.CopyFromUtf8(Variable(ToText(name)))),
            },
        };
    }

    /// <summary>Expands the data if they are a template.</summary>
    /// <exception cref="TaskControllerException">The template is of another language, or cannot be expanded.</exception>
    public ByteString Expand(ByteString data, Driver? templating, string what)
    {
        if (templating is null || templating.Name.Length == 0)
        {
            return data;
        }

        if (templating.Name != Golang)
        {
            throw new TaskControllerException($"{what}: templates of kind '{templating.Name}' are not known, only of kind {Golang}");
        }

        // One character for each byte, so that data that are no text come out as they went in.
        return ByteString.CopyFrom(_template.Expand(FromBytes(data), what), Encoding.Latin1);
    }

    private static string FromBytes(ByteString data) => Encoding.Latin1.GetString(data.Span);

    private static string ToText(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));

    private ByteString SecretAt(string target)
    {
        string id = _spec.Secrets.FirstOrDefault(reference => reference.File?.Name == target)?.SecretId
            ?? throw new FormatException($"the task has no secret with target '{target}'");
        return _dependencies.GetSecret(id)?.Spec.Data
            ?? throw new TaskControllerException(TaskControllerErrorKind.Temporary, $"secret {id} has not arrived on this node");
    }

    private ByteString ConfigAt(string target)
    {
        string id = _spec.Configs.FirstOrDefault(reference => reference.File?.Name == target)?.ConfigId
            ?? throw new FormatException($"the task has no config with target '{target}'");
        return _dependencies.GetConfig(id)?.Spec.Data
            ?? throw new TaskControllerException(TaskControllerErrorKind.Temporary, $"config {id} has not arrived on this node");
    }

    private string Variable(string name) =>
        _spec.Env.FirstOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "";
}
