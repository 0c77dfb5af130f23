#!/usr/bin/env bash
# Everything that must hold before a change is shared. Without arguments all sections in order; with arguments those
# named. Goes on after a failure, so that one run shows all of them. Last line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/cargo-deny.sh
. scripts/cargo-deny.sh
# shellcheck source=scripts/test-dependencies.sh
. scripts/test-dependencies.sh
# shellcheck source=scripts/postgres.sh
. scripts/postgres.sh

sections=(rustfmt clippy cargo-deny shell web-lint web-types web-test web-build web-size cargo-test cargo-doc e2e)
wanted=("$@")
[ "$#" -gt 0 ] || wanted=("${sections[@]}")

# Output is read by this script and by people without a terminal.
export CARGO_TERM_COLOR=never NO_COLOR=1 CI="${CI:-true}"

logs=$(mktemp -d)
passed=0
failed=0
failures=()
times=()

finish() {
  stop_postgres
  rm -rf "$logs"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# section NAME FUNCTION [COUNTER]: runs FUNCTION with its output shown and kept, and counts it: a check is one, a test
# runner is what COUNTER reads from the log as "passed failed".
section() {
  local name=$1 run=$2 counter=${3:-} started=$SECONDS log="$logs/$1.log" ok=1 count_passed=0 count_failed=0
  printf '\n== %s\n' "$name"
  "$run" 2>&1 | tee "$log"
  [ "${PIPESTATUS[0]}" = 0 ] || ok=0
  if [ -n "$counter" ]; then
    read -r count_passed count_failed < <("$counter" "$log")
    # A runner that could not start has run nothing, which is not the same as nothing wrong.
    if [ "$ok" = 0 ] && [ "$count_failed" = 0 ]; then count_failed=1; fi
    if [ "$((count_passed + count_failed))" = 0 ]; then count_failed=1; fi
  elif [ "$ok" = 1 ]; then
    count_passed=1
  else
    count_failed=1
  fi
  passed=$((passed + count_passed))
  failed=$((failed + count_failed))
  [ "$count_failed" = 0 ] || failures+=("$name ($count_failed)")
  times+=("$(printf '%6d s  %-12s %5d passed %3d failed' $((SECONDS - started)) "$name" "$count_passed" "$count_failed")")
}

# Counters: print "passed failed" from a runner's log.

count_cargo_test() { # of `cargo test` and of nextest, which says: 12 tests run: 11 passed, 1 failed, 0 skipped
  awk '
    /^test result: / { for (i = 1; i < NF; i++) { if ($(i + 1) == "passed;") passed += $i; if ($(i + 1) == "failed;") failed += $i } }
    /^ *Summary \[/ {
      match($0, /[0-9]+(\/[0-9]+)? tests? run/); split(substr($0, RSTART), run, /[\/ ]/)
      match($0, /[0-9]+ passed/); split(substr($0, RSTART), good, " ")
      passed += good[1]; failed += run[1] - good[1]
    }
    END { print passed + 0, failed + 0 }' "$1"
}

count_vitest() { # reads the JSON report that lies beside the log
  node -e '
    const report = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const failed = report.numFailedTests || (report.success ? 0 : 1);
    console.log(report.numPassedTests, failed);' "${1%.log}.json" 2>/dev/null || say 0 0
}

vitest_reporters() { say --reporter=default --reporter=json "--outputFile.json=$logs/$1.json"; }

# Sections.

rustfmt_() { cargo fmt --all --check; }

clippy_() {
  # The pages are embedded; an empty folder is enough to compile.
  mkdir -p web/dist
  cargo clippy --workspace --all-targets --locked -- -D warnings
}

# It reads every crate of the lock file, those of other systems too, which no build here has fetched.
cargo_deny_() { have_cargo_deny && cargo fetch --quiet --locked && cargo_deny --offline --locked check --hide-inclusion-graph bans licenses sources; }

# The sourced ones are read where they are sourced.
shell_() { shellcheck --external-sources --check-sourced .ci/run scripts/{run,dev,audit,test,fuzz,conformance}.sh; }

web_lint_() { install_web_modules && (cd web && npm run -s lint); }
web_types_() { install_web_modules && (cd web && npm run -s typecheck); }
# shellcheck disable=SC2046 # words on purpose
web_test_() { install_web_modules && (cd web && npm run -s test -- $(vitest_reporters web-test)); }
web_build_() { build_web; }
web_size_() { build_web && (cd web && npm run -s check:size); }

need_postgres() {
  [ -n "${YISHITING_TEST_POSTGRES_URL:-}" ] && return 0
  start_postgres || return 1
  export YISHITING_TEST_POSTGRES_URL=$postgres_url
}

cargo_test_() {
  mkdir -p web/dist
  if has cargo-nextest; then
    cargo nextest run --workspace --locked --no-fail-fast
  else
    cargo test --workspace --locked --no-fail-fast --lib --bins --tests
  fi
}

cargo_doc_() { cargo test --workspace --locked --no-fail-fast --doc; }

e2e_() {
  build_web || return 1
  if [ -z "${YISHITING_BIN:-}" ]; then
    cargo build --locked --bin yishiting || return 1
    export YISHITING_BIN=$target_dir/debug/yishiting
  fi
  # shellcheck disable=SC2046 # words on purpose
  (cd web && YISHITING_CHROMIUM=$chromium npm run -s e2e -- $(vitest_reporters e2e))
}

for name in "${wanted[@]}"; do
  case " ${sections[*]} " in *" $name "*) ;; *) die "no section $name; there are: ${sections[*]}" ;; esac
done

need_compilers
case " ${wanted[*]} " in
*" cargo-test "* | *" e2e "* | *" shell "*) need_test_dependencies ;;
esac

for name in "${wanted[@]}"; do
  case $name in
  cargo-test)
    # Before the section, which is a process of its own: the server lives until the end of the script.
    need_postgres || say "PostgreSQL did not start; tests that need it will fail"
    section "$name" cargo_test_ count_cargo_test
    ;;
  cargo-doc) section "$name" cargo_doc_ ;;
  web-test) section "$name" web_test_ count_vitest ;;
  e2e) section "$name" e2e_ count_vitest ;;
  *) section "$name" "${name//-/_}_" ;;
  esac
done

printf '\n== time\n'
printf '%s\n' "${times[@]}"
[ "$failed" = 0 ] || say "failed: ${failures[*]}"
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
