#!/usr/bin/env bash
# Measures what a participant costs (`python -m bench`), with the load generator built as it is to be used: release.
# Options are passed on: `scripts/bench.sh --quick`. Fails when somebody heard what they should not.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --manifest-path engine/Cargo.toml --release --package loadgen --locked --quiet
exec .venv/bin/python -m bench "$@"
