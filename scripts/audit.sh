#!/usr/bin/env bash
# Asks whether what we depend on has known holes: Python packages of every lock by pip-audit, crates by cargo-deny (deny.toml).
# Tools are installed into .make/audit. With --if-reachable (as in make check) what is not installed, or whose registry or
# database does not answer within a quarter of a minute is skipped, visibly: `make check` must run without a network.
set -euo pipefail
cd "$(dirname "$0")/.."

soft=
[ "${1:-}" = "--if-reachable" ] && soft=1
tools=$PWD/.make/audit
patience=${soft:+timeout 15}
failed=0
answered=

skip() {
  echo "audit: $1 SKIPPED: $2" >&2
  [ -n "$soft" ] || failed=1
}

run() { # run NAME COMMAND...: 0 is clean; what says that it found something fails; all else could not be asked
  local name=$1 log outcome=0
  shift
  log=$(mktemp)
  answered=
  $patience "$@" >"$log" 2>&1 || outcome=$?
  if [ "$outcome" = 0 ] && grep -q 'could not be audited' "$log"; then
    skip "$name" "the registry here says nothing of $(grep -c 'could not be audited' "$log") packages"
  elif [ "$outcome" = 0 ]; then
    echo "audit: $name: no known holes"
    answered=1
  elif grep -qE 'Found [0-9]+ known vulnerabilit|^error\[(vulnerability|unsound|yanked|rejected|banned|source-not-allowed)' "$log"; then
    cat "$log" >&2
    failed=1
    answered=1
  else
    skip "$name" "$(grep -iE 'error|timed out|connect' "$log" | head -n 1 || true) (exit $outcome)"
  fi
  rm -f "$log"
}

if [ -z "$soft" ]; then
  [ -x "$tools/bin/pip-audit" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install -q --disable-pip-version-check pip-audit==2.10.1; } || true
  [ -x "$tools/bin/cargo-deny" ] || cargo install --quiet --locked --version 0.20.2 --root "$tools" cargo-deny || true
fi
if [ -x "$tools/bin/pip-audit" ]; then
  # What runs in production first. Each lock by itself: their pins may differ.
  for lock in requirements/run.txt $(ls requirements/*.txt | grep -v /run.txt); do
    run "Python, $lock (pip-audit)" "$tools/bin/pip-audit" --requirement "$lock" --require-hashes --disable-pip --progress-spinner off
    if [ -n "$soft" ] && [ -z "$answered" ]; then
      skip "Python, the other locks (pip-audit)" "nobody answered for the first"
      break
    fi
  done
else
  skip "Python (pip-audit)" "not installed: make audit"
fi
if [ -x "$tools/bin/cargo-deny" ]; then
  run "Rust (cargo-deny)" "$tools/bin/cargo-deny" --manifest-path engine/Cargo.toml check advisories bans licenses sources
else
  skip "Rust (cargo-deny)" "not installed: make audit"
fi
exit "$failed"
