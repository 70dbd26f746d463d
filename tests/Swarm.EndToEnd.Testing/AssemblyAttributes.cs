// SPDX-License-Identifier: Apache-2.0
using System.Runtime.Versioning;

// Processes are ended by signals.
[assembly: SupportedOSPlatform("linux")]
