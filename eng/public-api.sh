#!/usr/bin/env bash
# Writes PublicAPI.Unshipped.txt of the packages anew from what the compiler sees; read the difference before you commit it.
# What PublicAPI.Shipped.txt already lists stays there.
# usage: eng/public-api.sh [PACKAGE...]      such as Swarm.Store; without a name: every package
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/need.sh
need_dotnet

packages=("$@")
if [ ${#packages[@]} -eq 0 ]; then
  for list in src/*/PublicAPI.Shipped.txt; do packages+=("$(basename "$(dirname "$list")")"); done
fi


restore() {
  local package
  for package in "${packages[@]}"; do cp "artifacts/public-api/$package.before" "src/$package/PublicAPI.Unshipped.txt"; done
}

mkdir -p artifacts/public-api
for package in "${packages[@]}"; do
  [ -f "src/$package/PublicAPI.Shipped.txt" ] || { echo "Error: there is no src/$package/PublicAPI.Shipped.txt." >&2; exit 1; }
done
for package in "${packages[@]}"; do
  rm -f "artifacts/public-api/$package.sarif"
  cp "src/$package/PublicAPI.Unshipped.txt" "artifacts/public-api/$package.before"
  echo '#nullable enable' >"src/$package/PublicAPI.Unshipped.txt"
done

# With an empty list the analyzer reports every public symbol (RS0016), and names it in its log the way the list wants it.
for package in "${packages[@]}"; do
  if ! dotnet build "src/$package" -c Release -v:q -nologo -p:SwarmWritePublicApi=true >artifacts/public-api/build.log 2>&1 \
    || [ ! -f "artifacts/public-api/$package.sarif" ]; then
    grep -E "error" artifacts/public-api/build.log | sort -u >&2 || true
    restore
    echo "Error: src/$package does not build; the lists are as they were." >&2
    exit 1
  fi
done
for package in "${packages[@]}"; do
  list="src/$package/PublicAPI.Unshipped.txt"
  { grep -o '"APIName": ".*"' "artifacts/public-api/$package.sarif" || true; } \
    | sed -E 's/^"APIName": "(.*)"$/\1/; s/\\"/"/g; s/\\\\/\\/g' | LC_ALL=C sort -u >>"$list"
  echo "$package: $(($(wc -l <"$list") - 1)) symbols not shipped yet"
done
