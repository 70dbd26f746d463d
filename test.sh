#!/usr/bin/env bash
# Builds everything and runs every test. The last line is 'N passed, N failed, N skipped'; the exit code is 0 only if none failed.
# usage: ./test.sh [NAME...]      only the test projects whose name contains one of the NAMEs, such as Store or EndToEnd
set -uo pipefail
cd "$(dirname "$0")"
. eng/need.sh
passed=0 failed=0 skipped=0

for part in "$@"; do
  case "$part" in
    -h | --help) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "Error: unknown argument '$part'. Known: words of names of test projects, --help." >&2; exit 2 ;;
  esac
  compgen -G "tests/*$part*/*.csproj" >/dev/null || { echo "Error: no test project has '$part' in its name; see tests/." >&2; exit 2; }
done

finish() {
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit $?
}

fail() {
  echo "Error: $*" >&2
  failed=$((failed + 1))
  finish
}

need_dotnet || fail "cannot test without the .NET SDK"
need curl curl openssl openssl procps pgrep util-linux setsid || fail "cannot test without these packages"

echo "== build"
attended dotnet restore Swarm.sln -v:q || fail "restore failed"
attended dotnet build Swarm.sln -c Release --no-restore -v:q -nologo -clp:ErrorsOnly || fail "the build failed"
./run.sh --build --no-compile || fail "the launchers could not be made"

# One project after the other: some measure the behaviour of real processes, and there may be two cores only.
for project in tests/*/; do
  name=$(basename "$project")
  # Some folders are libraries that tests share.
  [[ $name == *.Tests && -f "$project/$name.csproj" ]] || continue
  if [ $# -gt 0 ]; then
    wanted=no
    for part in "$@"; do [[ "$name" == *"$part"* ]] && wanted=yes; done
    [ $wanted = yes ] || continue
  fi

  # The Docker lane: real engines, made for the tests and gone with them. Where they cannot run the lane fails, with the reason.
  if [ "$name" = Swarm.Docker.Tests ] && ! need_engine; then
    echo "$name: no Docker Engine can be started here"
    failed=$((failed + 1))
    continue
  fi

  started=$SECONDS
  log="artifacts/test-logs/$name.log"
  mkdir -p artifacts/test-logs
  attended timeout -k 20 900 "artifacts/bin/$name/release/$name" -noColor >"$log" 2>&1
  code=$?
  line=$(grep -aE "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+" "$log" | tail -n 1)
  if [ -z "$line" ]; then
    tail -n 40 "$log"
    echo "$name: ended with code $code and no summary"
    failed=$((failed + 1))
    continue
  fi

  read -r total errors bad skip < <(sed -E 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/' <<<"$line")
  bad=$((bad + errors))
  # A runner that reports success yet exits with an error has hidden something; one without a test tests nothing.
  if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$total" -eq 0 ]; }; then bad=1; fi
  good=$((total - bad - skip))
  [ "$good" -ge 0 ] || good=0
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
  [ "$bad" -eq 0 ] || grep -vE "^  (Discover|Starting|Finished)" "$log" | head -n 200
  printf '%-34s %5d passed %3d failed %3d skipped  %4d s\n' "$name" "$good" "$bad" "$skip" $((SECONDS - started))
done
finish
