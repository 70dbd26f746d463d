#!/usr/bin/env bash
# Makes the packages and looks into each: readme, XML docs, licence, symbols, and the right dependencies.
# usage: eng/pack.sh [FOLDER]      default: artifacts/package
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/need.sh
need_dotnet
need unzip unzip
out=${1:-artifacts/package}
rm -rf "$out"
mkdir -p "$out"
dotnet pack Swarm.sln -c Release -o "$out" -v:q -nologo

bad=0
complain() {
  echo "Error: $*" >&2
  bad=1
}

expected=$(for d in src/*/; do basename "$d"; done | grep -v '\.Generators$' | LC_ALL=C sort)
made=$(find "$out" -name '*.nupkg' -exec basename {} \; | sed -E 's/\.[0-9]+\.[0-9]+\.[0-9]+.*$//' | LC_ALL=C sort)
[ "$expected" = "$made" ] || complain "packages differ from src/: $(diff <(echo "$expected") <(echo "$made") | grep '^[<>]' | tr '\n' ' ')"

for package in $expected; do
  file=$(find "$out" -name "$package.[0-9]*.nupkg" | head -n 1)
  [ -n "$file" ] || continue
  names=$(unzip -Z1 "$file")
  for wanted in README.md "lib/net10.0/$package.dll" "lib/net10.0/$package.xml"; do
    grep -qxF "$wanted" <<<"$names" || complain "$package: $wanted is missing"
  done
  [ -f "${file%.nupkg}.snupkg" ] || complain "$package: no symbol package"
  spec=$(unzip -p "$file" "$package.nuspec")
  grep -q '<license type="expression">Apache-2.0</license>' <<<"$spec" || complain "$package: no licence expression"
  grep -q '<readme>README.md</readme>' <<<"$spec" || complain "$package: the readme is not named"
  ! grep -q '<description>Package Description' <<<"$spec" || complain "$package: no description"
  ! grep -qE 'id="[^"]*(Analyzers|Generators|MinVer|Grpc\.Tools)' <<<"$spec" || complain "$package: depends on a tool of the build"
  references=$(grep -oE 'src/[A-Za-z.]+/|"\.\./Swarm\.[A-Za-z.]+/' "src/$package/$package.csproj" | grep -oE 'Swarm[A-Za-z.]*[a-z]' \
    | grep -v Generators | LC_ALL=C sort -u || true)
  depends=$(grep -oE '<dependency id="Swarm\.[A-Za-z.]+"' <<<"$spec" | grep -oE 'Swarm\.[A-Za-z.]+' | LC_ALL=C sort -u || true)
  [ "$references" = "$depends" ] || complain "$package: depends on [$(echo $depends)], its project on [$(echo $references)]"
done

[ $bad = 0 ] && echo "$(wc -l <<<"$made") packages in $out are as they should be."
exit $bad
