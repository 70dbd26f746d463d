#!/usr/bin/env bash
# The in-process cluster with the real clock, several times: eng/converge.sh [RUNS] [NODES] [TASKS]
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/need.sh
need_dotnet
dotnet build benchmarks/Converge -c Release -v:q -nologo
exec artifacts/bin/Converge/release/Converge "${1:-20}" "${@:2}"
