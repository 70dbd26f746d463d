// SPDX-License-Identifier: Apache-2.0
#nullable disable warnings // The models of the client do not say what may be left out: nearly everything.
using CsCheck;
using Swarm.Runtime.Docker.Containers;

namespace Swarm.Runtime.Docker.Tests.Containers;

public class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("busybox", "busybox:latest", "docker.io/library/busybox:latest")]
    [InlineData("a/b:1", "a/b:1", "docker.io/a/b:1")]
    [InlineData("docker.io/library/busybox:1", "busybox:1", "docker.io/library/busybox:1")]
    [InlineData("index.docker.io/busybox", "busybox:latest", "docker.io/library/busybox:latest")]
    [InlineData("localhost/x", "localhost/x:latest", "localhost/x:latest")]
    [InlineData("localhost:5000/x/y", "localhost:5000/x/y:latest", "localhost:5000/x/y:latest")]
    [InlineData("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest")]
    [InlineData("r.example/a__b/c-d", "r.example/a__b/c-d:latest", "r.example/a__b/c-d:latest")]
    [InlineData("x@sha256:" + Hex, "x@sha256:" + Hex, "docker.io/library/x@sha256:" + Hex)]
    [InlineData("x:1@sha256:" + Hex, "x:1@sha256:" + Hex, "docker.io/library/x:1@sha256:" + Hex)]
    public void Parse_GoodReference_MakesItWhole(string text, string familiar, string canonical)
    {
        ImageReference image = ImageReference.Parse(text);
        Assert.Equal(familiar, image.Familiar);
        Assert.Equal(canonical, image.Canonical);
    }

    [Theory]
    [InlineData("", "names no image")]
    [InlineData("Busybox", "lower case")]
    [InlineData("a b", "repository name")]
    [InlineData("a//b", "repository name")]
    [InlineData("-a", "repository name")]
    [InlineData("a:", "no tag")]
    [InlineData("a:.b", "no tag")]
    [InlineData("a\n", "repository name")]
    [InlineData("http://a/b", "no registry")]
    [InlineData(".x/b", "no registry")]
    [InlineData("a@sha256:12", "no digest")]
    [InlineData("a@md5:" + Hex, "no digest")]
    [InlineData(Hex, "id of an image")]
    public void Parse_BadReference_IsRefusedWithWhatIsWrong(string text, string why)
    {
        var error = Assert.Throws<TaskControllerException>(() => ImageReference.Parse(text));
        Assert.Equal(TaskControllerErrorKind.Fatal, error.Kind);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyText_IsReadOrRefusedAndReadsBackTheSame() =>
        Gen.Char["abzAZ019._-/:@[]é \n"].Array[0, 60].Select(static chars => new string(chars)).Sample(static text =>
        {
            ImageReference image;
            try
            {
                image = ImageReference.Parse(text);
            }
            catch (TaskControllerException)
            {
                return;
            }

            Assert.Equal(image, ImageReference.Parse(image.Familiar));
            Assert.Equal(image, ImageReference.Parse(image.Canonical));
        });
}
