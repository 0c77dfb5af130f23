#!/usr/bin/env bash
# The demonstration for developers: a debug build of the server behind Vite, which shows a changed page at once.
# Ctrl-C ends both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

need_compilers
# The server wants pages to embed; Vite serves the fresh ones.
build_web
cargo build --locked --bin yishiting

server=
end() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; }
trap end EXIT
"$target_dir/debug/yishiting" demo "$@" &
server=$!
(cd web && npm run -s dev)
