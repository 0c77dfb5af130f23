# shellcheck shell=bash
# cargo-deny, from the machine if it is there, else built once into the tools folder. Sourced after lib.sh.

cargo_deny_version=0.20.2

have_cargo_deny() {
  has cargo-deny && return 0
  [ -x "$tools_dir/bin/cargo-deny" ] && return 0
  say "building cargo-deny $cargo_deny_version once into $tools_dir"
  # Unoptimized builds in half the time and checks this tree in seconds all the same.
  cargo install --locked --debug --quiet --root "$tools_dir" --target-dir "$tools_dir/build" cargo-deny --version "$cargo_deny_version" &&
    rm -rf "$tools_dir/build"
}

cargo_deny() { PATH="$PATH:$tools_dir/bin" cargo-deny "$@"; }
