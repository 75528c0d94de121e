#!/usr/bin/env bash
# Sees to it that this machine has what a task needs: `need.sh build`, `need.sh test` or `need.sh bench`.
#
# Debian packages are installed through apt when we are root; otherwise, and for what Debian has not or has too old, one
# clear line says what to install. Nothing is printed when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
missing=()

want() { # want COMMAND PACKAGE: remember the Debian package of a command that is absent
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}

give_up() {
  printf 'roomtone: %s\n' "$1" >&2
  exit 1
}

install_missing() {
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "roomtone: installing Debian packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    give_up "please install: ${missing[*]}  (as root: apt-get install ${missing[*]})"
  fi
}

check_python() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    give_up "Python 3.11 or newer is needed, and $python is not; name another: make PYTHON=python3.12 setup"
}

check_cargo() {
  local floor have
  floor=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' engine/Cargo.toml)
  have=$(cargo --version 2>/dev/null | cut -d' ' -f2) || true
  if [ -z "$have" ] || [ "$(printf '%s\n' "$floor" "$have" | sort -V | head -n 1)" != "$floor" ]; then
    give_up "Rust $floor or newer is needed (found: ${have:-none}); install it with rustup: https://rustup.rs"
  fi
}

case ${1:-} in
build)
  want "$python" python3
  want cc build-essential
  want cmake cmake
  "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || missing+=(python3-venv)
  install_missing
  check_python
  check_cargo
  ;;
test)
  want sipp sip-tester
  want baresip baresip-core
  want node nodejs
  want npm npm
  # A proxy in the path: its tests are skipped, visibly, where it is not. Debian's package would start one: it must not.
  if ! command -v kamailio >/dev/null 2>&1 && [ ! -x /usr/sbin/kamailio ] && [ "$(id -u)" = 0 ]; then
    if [ -d /run/systemd/system ]; then systemctl mask --quiet kamailio.service || true; fi
    (missing=(kamailio) && install_missing) || echo "roomtone: kamailio could not be installed; its tests are skipped" >&2
  fi
  # A clock that jumps: its test is skipped, visibly, where it is not.
  if ! ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    (missing=(libfaketime) && install_missing) || echo "roomtone: libfaketime could not be installed; its test is skipped" >&2
  fi
  # A web server in the path: its test is skipped, visibly, where it is not. RUNLEVEL=1 keeps Debian's package from starting one.
  if ! command -v nginx >/dev/null 2>&1 && [ ! -x /usr/sbin/nginx ] && [ "$(id -u)" = 0 ]; then
    if [ -d /run/systemd/system ]; then systemctl mask --quiet nginx.service || true; fi
    (export RUNLEVEL=1; missing=(nginx-light) && install_missing) || echo "roomtone: nginx could not be installed; its test is skipped" >&2
  fi
  # A browser for the console's tests, which are skipped, visibly, where it is not.
  if ! command -v chromium >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    (missing=(chromium) && install_missing) || echo "roomtone: chromium could not be installed; its tests are skipped" >&2
  fi
  install_missing
  ;;
bench)
  want taskset util-linux
  want wrk wrk
  want npm npm
  install_missing
  # A peer to compare with: welcome, not needed. Debian's package would start a server of its own: it must not.
  if ! command -v janus >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      if [ -d /run/systemd/system ]; then systemctl mask --quiet janus.service || true; fi
      want janus janus
      (install_missing) || echo "roomtone: janus could not be installed; the bench goes without a peer" >&2
    else
      echo "roomtone: no janus here, so the bench goes without a peer  (as root: apt-get install janus)" >&2
    fi
  fi
  ;;
*)
  give_up "usage: $0 build|test|bench"
  ;;
esac
