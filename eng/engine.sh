#!/usr/bin/env bash
# A Docker Engine of its own, apart from any other on this machine: data, socket, containerd, cgroups, processes, mounts and network
# are private to it, and all of it is gone when this script ends, however it ends. It has the image swarm-test:latest. Needs root.
#
#   eng/engine.sh [--name NAME]   starts one, says its DOCKER_HOST, and stays until Ctrl-C
#   --live-restore                containers outlive a stop of the engine
#   --data-size SIZE              the engine's disk is SIZE large (such as 64m), in memory
#   --storage-driver DRIVER       instead of overlay2, or vfs where overlay2 does not work
#   --commanded                   takes start, stop, kill, pause, resume from its input, one a line, and answers each with a line
#                                 `ok` or `failed REASON`; its first line says where it is; the end of its input is its end
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/need.sh"
. "$here/image.sh"
temp=${TMPDIR:-/tmp}
name=engine live=no size= driver= commanded=no inside= all=("$@")

while [ $# -gt 0 ]; do
  case "$1" in
    --name) name=$2; shift ;;
    --live-restore) live=yes ;;
    --data-size) size=$2; shift ;;
    --storage-driver) driver=$2; shift ;;
    --commanded) commanded=yes ;;
    --inside) inside=$2; shift ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "Error: unknown argument '$1'; see --help." >&2; exit 2 ;;
  esac
  shift
done

# ---- inside the namespaces, as their first process: when it ends, every process in them is killed by the kernel

ping_engine() { curl -sf --max-time 2 --unix-socket "$root/docker.sock" http://engine/_ping >/dev/null 2>&1; }

launch() { # DRIVER: starts the engine and waits until it answers
  local end=$((SECONDS + 60)) live_option=()
  [ $live = no ] || live_option=(--live-restore)
  rm -f "$root/docker.pid" "$root/docker.sock"
  dockerd --data-root "$root/data" --exec-root "$root/exec" --pidfile "$root/docker.pid" --host "unix://$root/docker.sock" \
    --config-file "$root/daemon.json" --storage-driver "$1" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$cgroup" \
    --iptables=false --ip6tables=false --ip-masq=false --bip 10.213.0.1/16 --shutdown-timeout 5 \
    "${live_option[@]}" </dev/null >>"$root/dockerd.log" 2>&1 &
  engine=$!
  until ping_engine; do
    kill -0 "$engine" 2>/dev/null || { engine=; return 1; }
    [ $SECONDS -lt $end ] || { kill -KILL "$engine"; engine=; return 1; }
    sleep 0.05
  done
}

start() {
  [ -z "$engine" ] || { echo "it runs already" >"$root/why"; return 1; }
  if [ -n "$driver" ]; then launch "$driver" && return 0
  elif launch overlay2; then driver=overlay2; return 0
  elif rm -rf "$root/data/"* && launch vfs; then driver=vfs; return 0; fi
  grep -vE 'level=(info|debug)' "$root/dockerd.log" | tail -n 3 | tr '\n' ' ' >"$root/why"
  return 1
}

end_engine() { # SIGNAL
  [ -n "$engine" ] || { echo "it does not run" >"$root/why"; return 1; }
  kill -CONT "$engine"
  kill "-$1" "$engine"
  { wait "$engine"; } 2>/dev/null
  engine=
}

signal_engine() { [ -n "$engine" ] && kill "-$1" "$engine" || { echo "it does not run" >"$root/why"; return 1; }; }

inside() {
  engine='' cgroup=$(basename "$root")
  hostname "$name"
  ip link set lo up
  [ -z "$size" ] || mount -t tmpfs -o "size=$size" tmpfs "$root/data" || { echo "failed a disk of size $size"; exit 1; }
  until [ -s "$root/holder.pid" ]; do sleep 0.02; done
  local command image=no
  while read -r command; do
    : >"$root/why"
    case "$command" in
      start)
        start && { [ $image = yes ] || engine_image "unix://$root/docker.sock" swarm-test latest "$root/image" 2>"$root/why"; } && image=yes ;;
      stop) end_engine TERM ;;
      kill) end_engine KILL ;;
      pause) signal_engine STOP ;;
      resume) signal_engine CONT ;;
      *) echo "unknown command" >"$root/why"; false ;;
    esac && echo ok || echo "failed $(tr '\n' ' ' <"$root/why")"
  done
  exit 0
}

if [ -n "$inside" ]; then
  root=$inside
  inside
fi

# ---- outside

take_away() { # ROOT: what an engine leaves after its last process
  local cgroup
  cgroup=$(basename "$1")
  for _ in $(seq 50); do
    [ -n "$(find /sys/fs/cgroup -maxdepth 3 -type d -name "$cgroup" 2>/dev/null)" ] || break
    find /sys/fs/cgroup -depth -type d -path "*/$cgroup*" -exec rmdir {} + 2>/dev/null
    sleep 0.05
  done
  rm -rf "$1"
}

if [ "$(id -u)" != 0 ]; then echo "Error: a private Docker Engine needs root." >&2; exit 1; fi
need_engine || exit 1
# A session of its own, so that what ends a test run does not end this before it has cleaned up.
if [ $commanded = yes ] && [ "$(ps -o sid= -p $$ | tr -d ' ')" != $$ ]; then exec setsid --wait "$0" "${all[@]}"; fi

# What a killed run of this script left; a root is in use as long as somebody holds its lock.
for old in "$temp"/swarm-engine.*; do
  [ -f "$old/lock" ] && flock -n "$old/lock" true && take_away "$old"
done

root=$(mktemp -d "$temp/swarm-engine.XXXXXX") || exit 1
exec 9>"$root/lock"
flock 9
mkdir "$root/data" "$root/exec" "$root/image"
echo "{}" >"$root/daemon.json"
chmod 755 "$root"
if [ $commanded = no ]; then mkfifo "$root/commands"; exec 8<>"$root/commands"; else exec 8<&0; fi

cleanup() {
  trap '' INT TERM HUP
  [ -z "${child:-}" ] || { kill -KILL "$child" 2>/dev/null; wait "$child" 2>/dev/null; }
  take_away "$root"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

[ $commanded = no ] || echo "root $root"
if [ $commanded = no ]; then exec 7>"$root/answers"; else exec 7>&1; fi
unshare --net --mount --pid --uts --ipc --fork --mount-proc --propagation slave --kill-child=KILL \
  "$0" --inside "$root" "${all[@]}" <&8 >&7 &
child=$!
until holder=$(pgrep -P "$child"); do kill -0 "$child" 2>/dev/null || exit 1; sleep 0.02; done
echo "$holder" >"$root/holder.pid"

if [ $commanded = no ]; then
  echo start >&8
  until [ -s "$root/answers" ]; do kill -0 "$child" 2>/dev/null || break; sleep 0.1; done
  read -r answer <"$root/answers"
  [ "$answer" = ok ] || { echo "Error: the engine did not start: $answer" >&2; exit 1; }
  printf 'export DOCKER_HOST=unix://%s/docker.sock\n\nIts network, for a look at ports:  nsenter --target %s --net\nCtrl-C takes it away.\n' "$root" "$holder"
fi
wait "$child"
