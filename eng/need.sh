#!/usr/bin/env bash
# Sourced by run.sh and test.sh: makes sure that what they need is on the machine, and runs what takes long.

# need DEBIAN_PACKAGE COMMAND [PACKAGE COMMAND]...: installs what is missing when root, otherwise says exactly what is.
need() {
  local missing=()
  while [ $# -gt 1 ]; do
    command -v "$2" >/dev/null 2>&1 || missing+=("$1")
    shift 2
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing: ${missing[*]}"
    { apt-get install -y -qq "${missing[@]}" || { apt-get update -qq && apt-get install -y -qq "${missing[@]}"; }; } >/dev/null 2>&1 && return 0
    echo "Error: apt-get could not install: ${missing[*]}" >&2
  else
    echo "Error: missing on this machine: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
  fi
  return 1
}

# need_engine: Debian's Docker Engine as a program to start privately, and busybox for its image. Installing it here neither starts
# nor enables a service.
need_engine() {
  local wanted=() quiet=no code
  command -v dockerd >/dev/null 2>&1 && command -v containerd >/dev/null 2>&1 && command -v runc >/dev/null 2>&1 || wanted+=(docker.io)
  [ -x /bin/busybox ] || wanted+=(busybox-static)
  need curl curl util-linux unshare util-linux nsenter iproute2 ip procps pgrep || return 1
  [ ${#wanted[@]} -eq 0 ] && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Error: missing on this machine: ${wanted[*]}. As root: apt-get install --no-install-recommends ${wanted[*]}" >&2
    return 1
  fi
  echo "Installing: ${wanted[*]}"
  [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && quiet=yes; }
  { apt-get install -y -qq --no-install-recommends "${wanted[@]}" ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}"; }; } >/dev/null 2>&1
  code=$?
  [ $quiet = no ] || rm -f /usr/sbin/policy-rc.d
  case " ${wanted[*]} " in *" docker.io "*)
    if command -v systemctl >/dev/null 2>&1; then systemctl disable docker.service docker.socket containerd.service >/dev/null 2>&1; fi ;;
  esac
  [ $code -eq 0 ] || echo "Error: apt-get could not install: ${wanted[*]}" >&2
  return $code
}

# need_dotnet: the .NET SDK named in global.json.
need_dotnet() {
  if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --version >/dev/null 2>&1; then
    echo "Error: the .NET SDK 10 is needed (see global.json); 'dotnet --version' does not give one here." >&2
    return 1
  fi
}

# attended COMMAND...: runs a command that may take long; Ctrl-C and TERM end it and this script at once. (A shell would first wait
# for a command in its foreground, and a command in the background of a script does not hear Ctrl-C.)
attended() {
  "$@" &
  attended_pid=$!
  trap 'attended_end 130' INT
  trap 'attended_end 143' TERM
  wait "$attended_pid"
  local code=$?
  trap - INT TERM
  return $code
}

attended_end() {
  trap '' INT TERM
  kill -TERM "$attended_pid" 2>/dev/null
  wait "$attended_pid" 2>/dev/null
  echo "Interrupted." >&2
  exit "$1"
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
