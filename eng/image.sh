#!/usr/bin/env bash
# Sourced by engine.sh and walkthrough.sh: a small image made of Debian's busybox-static alone, imported by the Engine API.

# engine_curl ENDPOINT PATH [CURL ARGS]...: one request to the engine at unix:///path or tcp://host:port.
engine_curl() {
  local endpoint=$1 path=$2
  shift 2
  case "$endpoint" in
    unix://*) curl -sS --fail-with-body --unix-socket "${endpoint#unix://}" "$@" "http://engine$path" ;;
    tcp://*) curl -sS --fail-with-body "$@" "http://${endpoint#tcp://}$path" ;;
    *) echo "Error: DOCKER_HOST '$endpoint' is neither unix:///path nor tcp://host:port." >&2; return 1 ;;
  esac
}

# engine_image ENDPOINT NAME TAG DIR: imports the image; DIR is an empty directory for its files.
# It runs until it is told to stop; its command `web` serves a page with the container's name on port 80, or on $PORT.
engine_image() {
  local endpoint=$1 name=$2 tag=$3 dir=$4 applet
  mkdir -p "$dir"/bin "$dir"/etc "$dir"/tmp "$dir"/www && chmod 1777 "$dir/tmp" && cp /bin/busybox "$dir/bin/busybox" || return 1
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -sf busybox "$dir/bin/$applet"; done
  echo root:x:0:0:root:/:/bin/sh >"$dir/etc/passwd"
  echo nobody:x:65534:65534:nobody:/:/bin/sh >>"$dir/etc/passwd"
  # The first process of a container hears only the signals it handles, so both trap TERM; it is `wait` that a signal interrupts.
  cat >"$dir/bin/idle" <<'TEXT'
#!/bin/sh
trap 'exit 0' TERM INT
while :; do sleep 3600 & wait $!; done
TEXT
  cat >"$dir/bin/web" <<'TEXT'
#!/bin/sh
trap 'exit 0' TERM INT
mkdir -p /tmp/www && echo "container $(hostname)" >/tmp/www/index.html
httpd -f -p "${PORT:-80}" -h /tmp/www &
wait $!
TEXT
  chmod +x "$dir/bin/idle" "$dir/bin/web"
  local query="fromSrc=-&repo=$name&tag=$tag&changes=CMD%20%5B%22idle%22%5D&changes=ENV%20PATH%3D%2Fbin"
  tar -C "$dir" -c . | engine_curl "$endpoint" "/images/create?$query" -X POST -H 'Content-Type: application/x-tar' -T - >/dev/null
}
