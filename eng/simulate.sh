#!/usr/bin/env bash
# The simulated cluster with faults, for many seeds: eng/simulate.sh FIRST_SEED COUNT [NODES] [TASKS]
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/need.sh
need_dotnet
dotnet build samples/Simulate -c Release -v:q -nologo
exec artifacts/bin/Simulate/release/Simulate "${1:-1}" "${2:-500}" "${@:3}"
