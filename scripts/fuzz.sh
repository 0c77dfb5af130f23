#!/usr/bin/env bash
# Fuzzes the decoders of what strangers send: `scripts/fuzz.sh [TARGET] [SECONDS]`, all targets for ten minutes each without
# arguments. Needs a C++ compiler and `cargo install cargo-fuzz`; the compiler's own switches are opened by RUSTC_BOOTSTRAP, so
# that no nightly is needed. What is found lies in fuzz/artifacts/TARGET; the seeds in fuzz/corpus are kept small and by hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

targets=(frames client_message)
[ -n "${1:-}" ] && targets=("$1")
seconds=${2:-600}
has cargo-fuzz || die "cargo-fuzz is missing: cargo install cargo-fuzz"

export RUSTC_BOOTSTRAP=1
for target in "${targets[@]}"; do
  # What it finds out about its way through the program goes to a folder of its own; the seeds stay as they are.
  grown=$target_dir/fuzz-corpus/$target
  mkdir -p "$grown"
  cargo fuzz run --target-dir "$target_dir/fuzz" "$target" "$grown" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024
done
say "${#targets[@]} passed, 0 failed"
