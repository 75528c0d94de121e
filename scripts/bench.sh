#!/usr/bin/env bash
# Runs every bench there is: `bench/*.py` in the brain's words, and the engine's own benches. Fails when one of them fails.
set -uo pipefail
cd "$(dirname "$0")/.."

worst=0
found=0
for script in bench/*.py; do
  [ -e "$script" ] || continue
  found=1
  echo "== $script"
  .venv/bin/python "$script" || worst=1
done
for folder in engine/*/benches; do
  [ -e "$folder" ] || continue
  found=1
  crate=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "$(dirname "$folder")/Cargo.toml" | head -n 1)
  echo "== engine: $crate"
  cargo bench --manifest-path engine/Cargo.toml --package "$crate" --locked --quiet || worst=1
done
for example in engine/*/examples/bench*.rs; do
  [ -e "$example" ] || continue
  found=1
  crate=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "$(dirname "$example")/../Cargo.toml" | head -n 1)
  echo "== engine: $crate $(basename "$example" .rs)"
  cargo run --manifest-path engine/Cargo.toml --release --package "$crate" --locked --quiet --example "$(basename "$example" .rs)" || worst=1
done
[ $found = 1 ] || { echo "no bench was found" >&2; exit 1; }
exit $worst
