#!/usr/bin/env bash
# The tour that run.sh gives; see there. Argument 1: yes = clean up and end after the last step. Argument 2: the executor, process or docker.
set -uo pipefail
once=${1:-no} executor=${2:-process}
root=$(cd "$(dirname "$0")/.." && pwd)
swarmd="$root/bin/swarmd" swarmctl="$root/bin/swarmctl" replica="$root/artifacts/bin/WebReplica/release/WebReplica"
remote=${SWARM_WALKTHROUGH_ADDRESS:-127.0.0.1:4242}
state=$(mktemp -d "${TMPDIR:-/tmp}/swarm.XXXXXX") || {
  echo "Error: cannot make a directory for the cluster's state below ${TMPDIR:-/tmp}; set TMPDIR to one that can be written." >&2
  exit 1
}
export SWARM_SOCKET="$state/node-1/swarm.sock"
pids=()

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
ctl() { "$swarmctl" "$@"; }

# The same for what may take long: a shell heeds a signal at once while it waits, but not while a command is in its foreground.
attend() {
  ctl "$@" &
  attended=$!
  wait "$attended"
  local code=$?
  attended=
  return $code
}

cleanup() {
  trap - EXIT INT TERM
  local pid
  [ -z "${attended:-}" ] || kill -TERM "$attended" 2>/dev/null
  # Workers first, so that the manager still hears them; each ends its own tasks.
  for pid in "${pids[@]:1}" "${pids[0]:-}"; do [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; done
  for pid in "${pids[@]}"; do
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
  done
  [ -z "${sleeper:-}" ] || kill "$sleeper" 2>/dev/null
  wait "${pids[@]}" 2>/dev/null
  [ $executor = process ] || leave_engine
  rm -rf "$state"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

die() {
  printf '\nError: %s\n' "$*" >&2
  local log
  for log in "$state"/node-*.log; do echo "--- ${log##*/}" >&2; tail -n 15 "$log" >&2; done
  ctl task ls --all 2>/dev/null >&2
  exit 1
}

# A node that ended by itself has said why in its log: no use in waiting for it.
check_nodes() {
  local i
  for i in "${!pids[@]}"; do kill -0 "${pids[$i]}" 2>/dev/null || die "node-$((i + 1)) ended by itself"; done
}

# within SECONDS WHAT COMMAND...: tries until the command succeeds.
within() {
  local seconds=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  until "$@" >/dev/null 2>&1; do
    check_nodes
    [ $SECONDS -lt $end ] || die "not within $seconds s: $what"
    sleep 0.2
  done
}

start_node() { # NAME ARGS...
  local name=$1
  shift
  mkdir -p "$state/$name"
  "$swarmd" --state-dir "$state/$name" --hostname "$name" --executor "$executor" "$@" >"$state/$name.log" 2>&1 &
  pids+=($!)
}

nodes_ready() { [ "$(ctl node ls | grep -c ' READY ')" -eq "$1" ]; }
replicas() { ctl service ls | awk -v want="$1" '$2 == "web" && $NF == want { ok = 1 } END { exit !ok }'; }

running_tasks() { ctl task ls | awk 'NR > 2 && $3 == "RUNNING" && $4 == "RUNNING" { print $1 }'; }

progress() { # WANT SECONDS: shows N/M as it grows; the reader is quick, as a service may be up in half a second
  local want=$1 end=$((SECONDS + $2)) last="" now
  until [ "$last" = "$want" ]; do
    now=$(ctl service ls | awk '$2 == "web" { print $NF }')
    if [ -n "$now" ] && [ "$now" != "$last" ]; then printf '   web %s\n' "$now"; last=$now; fi
    [ $SECONDS -lt $end ] || die "service web did not reach $want within $2 s"
  done
}

# What differs between replicas that are processes and such that are containers.
case "$executor" in
  process)
    work=(--runtime process --command "$replica")
    port_of() { ctl task inspect "$1" | grep -oE '[0-9]+/tcp' | head -n 1 | cut -d/ -f1; }
    page_of() { # TASK
      local port
      port=$(port_of "$1")
      [ -n "$port" ] && curl -sf --max-time 5 "http://127.0.0.1:$port/"
    }
    kill_replica() { # TASK
      local pid
      pid=$(page_of "$1" | sed -nE 's/.*pid[ :=]+([0-9]+).*/\1/p')
      [ -n "$pid" ] || die "the page does not tell the process id"
      kill -KILL "$pid" || die "cannot kill process $pid"
    }
    ;;
  docker)
    . "$root/eng/image.sh"
    engine=${DOCKER_HOST:-unix:///var/run/docker.sock}
    image=swarm-walkthrough tag=${state##*.}
    work=(--image "$image:$tag" --args web)
    containers() { # FILTER VALUE: ids of the containers that the filter finds
      engine_curl "$engine" "/containers/json" -G --data-urlencode "all=1" --data-urlencode "filters={\"$1\":[\"$2\"]}" |
        grep -oE '"Id":"[0-9a-f]{64}"' | cut -d'"' -f4
    }
    # The page is asked for in the container: where its port leads to from here is the engine's affair, and it may be on another machine.
    # No -T for wget: with it the one of Debian 12 crashes.
    page_of() { # TASK
      local id run
      id=$(containers label "com.docker.swarm.task.id=$1" | head -n 1)
      [ -n "$id" ] || return 1
      run=$(engine_curl "$engine" "/containers/$id/exec" -H 'Content-Type: application/json' \
        -d '{"AttachStdout":true,"Tty":true,"Cmd":["wget","-q","-O","-","http://127.0.0.1/"]}' | cut -d'"' -f4)
      engine_curl "$engine" "/exec/$run/start" -H 'Content-Type: application/json' -d '{"Tty":true}' | tr -d '\r' | grep container
    }
    kill_replica() { # TASK
      local id
      id=$(containers label "com.docker.swarm.task.id=$1" | head -n 1)
      [ -n "$id" ] || die "the engine has no container of task $1"
      engine_curl "$engine" "/containers/$id/kill" -X POST || die "cannot kill container $id"
    }
    leave_engine() {
      local id
      [ -n "${imported:-}" ] || return
      for id in $(containers ancestor "$image:$tag"); do engine_curl "$engine" "/containers/$id?force=1" -X DELETE; done >/dev/null 2>&1
      engine_curl "$engine" "/images/$image:$tag" -X DELETE >/dev/null 2>&1
    }
    engine_curl "$engine" /_ping >/dev/null 2>&1 || {
      echo "Error: no Docker Engine answers at $engine. Start one, set DOCKER_HOST, or have a private one of eng/engine.sh." >&2
      exit 1
    }
    engine_image "$engine" "$image" "$tag" "$state/image" || { echo "Error: the engine did not take the image." >&2; exit 1; }
    imported=yes
    ;;
esac

fetch_all() {
  local id page
  for id in $(running_tasks); do
    page=$(page_of "$id") || return 1
    printf '   %s  %s\n' "$id" "$(tr '\n' ' ' <<<"$page")"
  done
}

if (exec 3<>"/dev/tcp/${remote%:*}/${remote##*:}") 2>/dev/null; then
  echo "Error: something already listens on $remote; stop it, or set SWARM_WALKTHROUGH_ADDRESS to another address." >&2
  exit 1
fi

say "A manager on $remote, with its control socket in a directory of its own"
start_node node-1 --listen-control-api "$SWARM_SOCKET" --listen-remote-api "$remote"
within 30 "the manager answers" ctl cluster inspect default
token=$(ctl cluster inspect default | awk '$1 == "Worker:" { print $2 }')
[ -n "$token" ] || die "the cluster shows no worker token"
ctl cluster inspect default

say "Two workers join with the worker token, over mutual TLS"
start_node node-2 --join-addr "$remote" --join-token "$token"
start_node node-3 --join-addr "$remote" --join-token "$token"
within 30 "three nodes are READY" nodes_ready 3
ctl node ls

say "A service of five replicas, run by the executor '$executor'"
attend service create --name web "${work[@]}" --replicas 5 --wait --wait-timeout 60s || die "the service did not come up"
progress 5/5 60
ctl service ls
ctl task ls

say "A page from each replica"
within 20 "each replica answers" fetch_all
fetch_all

say "One replica is killed from outside; a replacement takes its slot"
victim=$(running_tasks | head -n 1)
slot=$(ctl task ls | awk -v id="$victim" '$1 == id { print $2 }')
kill_replica "$victim"
replaced() {
  local id
  id=$(ctl task ls | awk -v slot="$slot" '$2 == slot && $3 == "RUNNING" && $4 == "RUNNING" { print $1 }')
  [ -n "$id" ] && [ "$id" != "$victim" ]
}
within 40 "the killed task $victim ($slot) is replaced" replaced
progress 5/5 40
ctl task ls --all | awk -v slot="$slot" 'NR <= 2 || $2 == slot'

say "Scale to eight"
attend service update web --replicas 8 --wait --wait-timeout 60s || die "the service did not scale"
progress 8/8 60

say "Drain node-3: its tasks move"
ctl node drain node-3 || die "the node was not drained"
drained() { ! ctl task ls | awk 'NR > 2' | grep -qE ' node-3 *$' && replicas 8/8; }
within 60 "node-3 is empty and web is at 8/8" drained
ctl node ls
ctl task ls

if [ "$once" = yes ]; then
  say "All steps converged; cleaning up"
  ctl service rm web || die "the service was not removed"
  gone() { [ "$(ctl task ls --all | awk 'NR > 2' | wc -l)" -eq 0 ]; }
  within 40 "the tasks of the removed service are gone" gone
  exit 0
fi

say "Yours now"
cat <<TEXT
   export SWARM_SOCKET=$SWARM_SOCKET
   bin/swarmctl node ls
   bin/swarmctl node activate node-3
   bin/swarmctl service inspect web
   bin/swarmctl service update web --replicas 3
   bin/swarmctl service logs web
   bin/swarmd --state-dir DIR --hostname node-4 --executor $executor --join-addr $remote --join-token $token

Ctrl-C stops everything.
TEXT
while :; do
  sleep 3600 &
  sleeper=$!
  wait "$sleeper"
done
