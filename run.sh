#!/usr/bin/env bash
# A real cluster on this machine: one manager and two workers as three processes, joined over mutual TLS, running a small HTTP
# server five times as plain processes (no Docker needed).
#
#   ./run.sh            does the tour and stays up until Ctrl-C, which stops everything it started
#   ./run.sh --once     does the tour, cleans up, and exits 0 only if each step really converged
#   ./run.sh --docker   the same with containers, on the Docker Engine at DOCKER_HOST or the usual socket; also with --once
#   ./run.sh --build    only builds, and leaves the launchers bin/swarmd and bin/swarmctl
set -uo pipefail
root=$(cd "$(dirname "$0")" && pwd)
cd "$root"
. eng/need.sh

once=no build_only=no compile=yes executor=process
for arg in "$@"; do
  case "$arg" in
    --once) once=yes ;;
    --docker) executor=docker ;;
    --build) build_only=yes ;;
    --no-compile) compile=no ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "Error: unknown argument '$arg'. Known: --once, --docker, --build, --help." >&2; exit 2 ;;
  esac
done

build() {
  need_dotnet || return 1
  if [ $compile = yes ]; then
    echo "Building (the first time takes a minute or two) ..."
    local p
    for p in samples/swarmd samples/swarmctl samples/WebReplica; do
      attended dotnet build "$p" -c Release -v:q -nologo -clp:ErrorsOnly || { echo "Error: building $p failed." >&2; return 1; }
    done
  fi

  mkdir -p bin
  local name
  for name in swarmd swarmctl WebReplica; do
    printf '#!/bin/sh\nexec "%s/artifacts/bin/%s/release/%s" "$@"\n' "$root" "$name" "$name" >"bin/$name"
    chmod +x "bin/$name"
  done
}

build || exit 1
if [ $build_only = yes ]; then
  [ $compile = no ] || echo "bin/swarmd, bin/swarmctl and bin/WebReplica are ready."
  exit 0
fi
need curl curl || exit 1
[ $executor = process ] || [ -x /bin/busybox ] || need busybox-static busybox || exit 1
exec eng/walkthrough.sh "$once" "$executor"
