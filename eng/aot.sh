#!/usr/bin/env bash
# Publishes swarmctl and swarmd with NativeAOT and starts each once. Needs clang (or gcc) and zlib headers; takes minutes.
# Says for each whether it works and, if not, which dependency stands in the way; ends with 0 only if both work.
set -uo pipefail
cd "$(dirname "$0")/.."
. eng/need.sh
need_dotnet || exit 1
need clang clang || exit 1
[ -e /usr/include/zlib.h ] || need zlib1g-dev zlib-header || exit 1

bad=0
for sample in swarmctl swarmd; do
  out="artifacts/aot/$sample"
  log="artifacts/aot/$sample.log"
  rm -rf "$out"
  mkdir -p "$out"
  started=$SECONDS
  if ! dotnet publish "samples/$sample" -c Release -p:SwarmAot=true -p:TreatWarningsAsErrors=false -o "$out" -v:q -nologo >"$log" 2>&1; then
    echo "$sample: does not publish:"
    grep -E "error" "$log" | sed -E 's/ \[[^]]*\]$//' | sort -u | head -n 20
    bad=1
    continue
  fi

  # What the compiler cannot prove about a dependency, by the assembly it is about.
  grep -oE "warning IL[0-9]+: .*" "$log" | sed -E 's/^warning (IL[0-9]+): ([A-Za-z0-9.]+).*/  \1 \2/' | sort | uniq -c | sort -rn | head -n 10
  for argument in --version --help; do
    if text=$("$out/$sample" $argument 2>&1) && [ -n "$text" ]; then
      echo "$sample $argument: works natively ($(head -n 1 <<<"$text"))"
    else
      echo "$sample $argument: fails natively: $text"
      bad=1
    fi
  done
  echo "$sample: $(($(stat -c %s "$out/$sample") / 1024 / 1024)) MiB, published in $((SECONDS - started)) s"
done
exit $bad
