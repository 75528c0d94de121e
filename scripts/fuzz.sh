#!/usr/bin/env bash
# Runs every fuzzer in fuzz/*.py, each for SECONDS_EACH (60) seconds. Fails when one of them fails or there is none.
set -uo pipefail
cd "$(dirname "$0")/.."

worst=0
found=0
for script in fuzz/*.py; do
  [ -e "$script" ] || continue
  found=1
  echo "== $script"
  .venv/bin/python "$script" --seconds "${SECONDS_EACH:-60}" || worst=1
done
[ $found = 1 ] || { echo "no fuzzer was found" >&2; exit 1; }
exit $worst
