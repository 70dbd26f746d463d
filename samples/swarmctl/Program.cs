// SPDX-License-Identifier: Apache-2.0
System.Console.WriteLine("not built yet");
