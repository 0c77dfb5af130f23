#!/usr/bin/env bash
# Builds the pages and the program, then starts the demonstration, which prints one link per role.
# Arguments are passed on to `yishiting demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

need_compilers
build_web
# --locked: what was tested is what runs.
cargo build --release --locked --bin yishiting
exec "$target_dir/release/yishiting" demo "$@"
