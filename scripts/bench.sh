#!/usr/bin/env bash
# Runs every bench there is: what a participant costs (`bench/media`), `bench/*.py`, and the engine's own benches. Options
# are the first one's, and then only that one runs: `scripts/bench.sh --quick`. Fails when one of them fails.
set -uo pipefail
cd "$(dirname "$0")/.."

media() {
  [ -x engine/target/release/roomtone-loadgen ] || echo "building the load generator: once, for a minute or two" >&2
  cargo build --manifest-path engine/Cargo.toml --release --package loadgen --locked --quiet &&
    .venv/bin/python -m bench.media "$@"
}

if [ $# -gt 0 ]; then
  media "$@"
  exit
fi

echo "== bench/media"
worst=0
media || worst=1
echo "== bench/calls"
.venv/bin/python -m bench.calls || worst=1
echo "== bench/rest"
.venv/bin/python -m bench.rest || worst=1
echo "== bench/callbacks"
.venv/bin/python -m bench.callbacks || worst=1
for script in bench/*.py; do
  [ -e "$script" ] || continue
  echo "== $script"
  .venv/bin/python "$script" || worst=1
done
for folder in engine/*/benches; do
  [ -e "$folder" ] || continue
  crate=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "$(dirname "$folder")/Cargo.toml" | head -n 1)
  echo "== engine: $crate"
  cargo bench --manifest-path engine/Cargo.toml --package "$crate" --locked --quiet || worst=1
done
for example in engine/*/examples/bench*.rs; do
  [ -e "$example" ] || continue
  crate=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "$(dirname "$example")/../Cargo.toml" | head -n 1)
  echo "== engine: $crate $(basename "$example" .rs)"
  cargo run --manifest-path engine/Cargo.toml --release --package "$crate" --locked --quiet --example "$(basename "$example" .rs)" || worst=1
done
exit $worst
