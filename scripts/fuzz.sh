#!/usr/bin/env bash
# Runs the fuzz targets of engine/fuzz one after the other, by coverage and with the address sanitizer:
#   fuzz.sh [SECONDS] [TARGET...]
# A target begins with its seeds (engine/fuzz/seeds) and with what earlier runs have found (engine/fuzz/corpus, kept on
# this machine only). What breaks something is kept in engine/fuzz/artifacts; its content belongs into a test.
set -euo pipefail
cd "$(dirname "$0")/../engine/fuzz"

seconds=${1:-60}
shift || true
tools=$(cd ../.. && pwd)/.make/cargo-fuzz
targets=("$@")
# The sanitizer's flag is an unstable one. This lets the very compiler that builds the engine take it: no second is needed.
export RUSTC_BOOTSTRAP=1 PATH="$tools/bin:$PATH" CARGO_TARGET_DIR="$PWD/../target/fuzz"
host=$(rustc -vV | sed -n 's/^host: //p')
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list --fuzz-dir .)

# With debug assertions and checks for overflow, which the engine's own build goes without.
cargo fuzz build --fuzz-dir .
failed=()
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "seeds/$target" "artifacts/$target"
  # 4,096 bytes hold several of the longest packets that can come.
  log="$CARGO_TARGET_DIR/$target.log"
  if "$CARGO_TARGET_DIR/$host/release/$target" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=1024 \
    -artifact_prefix="artifacts/$target/" "corpus/$target" "seeds/$target" >"$log" 2>&1; then
    printf '%-8s %s\n' "$target" "$(grep -E '^Done ' "$log" || tail -n 1 "$log"); $(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)"
  else
    failed+=("$target")
    printf '%-8s FAILED\n' "$target"
    tail -n 40 "$log"
  fi
done
[ ${#failed[@]} -eq 0 ] || { echo "fuzzing broke: ${failed[*]}" >&2; exit 1; }
