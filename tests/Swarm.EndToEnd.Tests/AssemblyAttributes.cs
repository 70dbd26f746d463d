// SPDX-License-Identifier: Apache-2.0
using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

// Processes are found through /proc, and ended by signals.
[assembly: SupportedOSPlatform("linux")]

// Every test drives several processes, and there may be two cores only.
[assembly: Parallelization(Mode = ParallelMode.None)]
