#!/usr/bin/env bash
# What starting containers costs, on one private Docker Engine, in turns: the Engine API bare, docker run, the executor alone, a service of ours, and a
# service of the engine's own swarm mode: eng/docker-bench.sh [--runs N] [--replicas N] [--rounds N]
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/need.sh
need_dotnet
need_engine || exit 1
dotnet build benchmarks/DockerLoad -c Release -v:q -nologo
dotnet build samples/swarmd -c Release -v:q -nologo
exec artifacts/bin/DockerLoad/release/DockerLoad artifacts/bin/swarmd/release/swarmd "$@"
