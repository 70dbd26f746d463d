// SPDX-License-Identifier: Apache-2.0
using System.Runtime.Versioning;

// Code of documents is compiled by what also runs their commands.
[assembly: SupportedOSPlatform("linux")]
