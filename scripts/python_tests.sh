#!/usr/bin/env bash
# The tests in Python: scripts/python_tests.sh JOBS [ARGS of pytest]. Two of them at once take each other's processor, so what
# failed again and again in that company (see tests/conftest.py) is run once more and alone, shown as RERUN, unless it is so
# much that the machine cannot be the cause. pytest's closing line ends the output.
set -uo pipefail
cd "$(dirname "$0")/.."
jobs=$1
shift
told=.pytest_cache/v/cache/lastfailed  # of pytest itself
pytest=(.venv/bin/python -m pytest)

rm -f "$told"
"${pytest[@]}" -n "$jobs" --dist loadfile --no-loadscope-reorder "$@"
status=$?
[ "$status" = 1 ] || exit "$status"  # interrupted, or not even collected

mapfile -t failed < <(.venv/bin/python -c 'import json, sys; print(*json.load(open(sys.argv[1])), sep="\n")' "$told")
if [ "${#failed[@]}" = 0 ] || [ "${#failed[@]}" -gt 30 ]; then exit "$status"; fi
echo "RERUN, alone: ${failed[*]}" >&2
"${pytest[@]}" "${failed[@]}"
