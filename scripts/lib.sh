# shellcheck shell=bash
# What the other scripts share. Sourced from the top of the repository; defines names, does nothing by itself.

# shellcheck disable=SC2034 # the names are used by those who source this file

# The same sorting, the same numbers and the same characters on every machine.
export LC_ALL=C.UTF-8

# Where cargo puts what it builds, as an absolute path.
target_dir=$(realpath -m "${CARGO_TARGET_DIR:-target}")
# Tools built for this repository, kept between runs.
tools_dir=$(realpath -m "${YISHITING_TOOLS:-.tools}")

say() { printf '%s\n' "$*"; }
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# version_at_least HAVE WANT, such as 20.20.2 20.19.0
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# The compilers themselves are the developer's choice; they are asked for and never installed.
need_compilers() {
  has cargo || die "cargo is missing: install Rust $(rust_wanted) or newer from https://rustup.rs"
  local rust
  rust=$(rustc --version | cut -d' ' -f2)
  version_at_least "${rust%%-*}" "$(rust_wanted)" || die "Rust is $rust and must be $(rust_wanted) or newer: rustup update stable"
  has node || die "node is missing: install Node.js 20.19 or newer from https://nodejs.org"
  version_at_least "$(node --version | tr -d v)" 20.19.0 || die "Node.js is $(node --version) and must be 20.19 or newer"
  has npm || die "npm is missing: it comes with Node.js from https://nodejs.org"
}

rust_wanted() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1; }

# Installs the web project's modules when the lock file is another than at the last time.
install_web_modules() {
  local stamp=web/node_modules/.tmp/lock.sha256 hash
  hash=$(sha256sum web/package-lock.json | cut -d' ' -f1)
  [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && return 0
  (cd web && npm ci --no-audit --no-fund) || return 1
  mkdir -p "$(dirname "$stamp")"
  printf '%s\n' "$hash" >"$stamp"
}

# Builds the pages into web/dist when anything they are made from has changed.
build_web() {
  install_web_modules || return 1
  local stamp=web/node_modules/.tmp/build.sha256 hash
  hash=$(
    find web/src web/public web/build web/index.html web/vite.config.ts web/package-lock.json -type f -print0 |
      sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
  )
  [ -f web/dist/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && return 0
  (cd web && npm run -s build) || return 1
  mkdir -p "$(dirname "$stamp")"
  printf '%s\n' "$hash" >"$stamp"
}
