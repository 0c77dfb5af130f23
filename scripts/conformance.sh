#!/usr/bin/env bash
# The cases of the Autobahn test suite (RFC 6455) against our frame decoder: examples/echo.rs says back what it is sent.
# Run by kosoku, which drives Autobahn's own case files with a Python of today. Needs Python 3.10 and PyPI.
#
# Left out: binary messages, which the server refuses with 1003 by design (1.2 and the binary ones of 9); 2.11, which wants ten pings
# of one read answered ten times, where RFC 6455 (5.5.3) lets the last stand for all, as the server does; and compression, which
# it does not accept from clients (12, 13). `tests/it/hostile` holds what it answers to those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

version=0.1.0
left_out=(2.11 1.2.* 9.2.* 9.4.* 9.6.* 9.8.* 12.* 13.*)
port=${1:-9001}

has python3 || die "python3 is missing"
runner=$tools_dir/kosoku-$version
if [ ! -x "$runner/bin/kosoku" ]; then
  python3 -m venv "$runner"
  "$runner/bin/pip" install --quiet "kosoku==$version"
fi
cargo build --release --locked --example echo
"$target_dir/release/examples/echo" "127.0.0.1:$port" &
echo_pid=$!
trap 'kill "$echo_pid"' EXIT
sleep 1
exclude=()
for cases in "${left_out[@]}"; do exclude+=(--exclude "$cases"); done
"$runner/bin/kosoku" "127.0.0.1:$port" "${exclude[@]}" --outdir "$target_dir/conformance"
