#!/usr/bin/env bash
# The engine's own tests. What is measured in real time has a second chance, as in the Python part: a program of tests that
# failed is run once more and alone, shown as RERUN; what fails twice has failed. With `--build` they are only built.
set -uo pipefail
cd "$(dirname "$0")/.."
run=(cargo test --manifest-path engine/Cargo.toml --locked --quiet)
if [ "${1:-}" = --build ]; then exec "${run[@]}" --workspace --no-run; fi
told=$(mktemp)
trap 'rm -f "$told"' EXIT

{ "${run[@]}" --workspace --no-fail-fast 2>&1 1>&3 | tee "$told" >&2; } 3>&1 && exit 0
# Cargo ends with a line for each program that failed: `-p media --test loopback`. None: something did not even build.
mapfile -t failed < <(sed -nE 's/^ *`(-p [a-z0-9_-]+ (--lib|--doc|--test [a-z0-9_-]+|--bin [a-z0-9_-]+|--example [a-z0-9_-]+))`$/\1/p' "$told" | sort -u)
said=$(sed -nE 's/^error: ([0-9]+) targets? failed:.*/\1/p' "$told")
if [ "${#failed[@]}" -gt 4 ] || [ "${said:-0}" != "${#failed[@]}" ]; then exit 1; fi
for one in "${failed[@]}"; do
  echo "RERUN of the engine's tests: $one" >&2
  # shellcheck disable=SC2086 # several words on purpose
  "${run[@]}" $one || exit 1
done
