// SPDX-License-Identifier: Apache-2.0
using System.Runtime.Versioning;

// Engines are made of namespaces, and processes are ended by signals.
[assembly: SupportedOSPlatform("linux")]
