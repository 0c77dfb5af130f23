#!/usr/bin/env bash
# Known weaknesses in the dependencies of the program and of the pages. Asks the public advisory databases, so it is
# not part of `make test`, which must give the same answer on every machine and every day.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/cargo-deny.sh
. scripts/cargo-deny.sh

need_compilers
have_cargo_deny
cargo_deny check advisories
(cd web && npm audit --omit=dev)
