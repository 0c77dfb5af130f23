# shellcheck shell=bash
# A PostgreSQL for one test run: own folder, own port, only on the loopback address, nothing kept. Sourced; the caller
# sets pg_bin and calls stop_postgres on exit.
#
# start_postgres sets postgres_url.

pg_dir=
pg_pid=

start_postgres() {
  local as_user=() owner=
  pg_dir=$(mktemp -d) || return 1
  if [ "$(id -u)" -eq 0 ]; then
    # PostgreSQL refuses to run as root.
    owner=nobody
    id postgres >/dev/null 2>&1 && owner=postgres
    as_user=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups)
    chown "$owner" "$pg_dir" || return 1
  fi
  # The folder of the caller may be closed to that user.
  cd "$pg_dir" || return 1
  "${as_user[@]}" "$pg_bin/initdb" --pgdata="$pg_dir/data" --username=yishiting --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$pg_dir/initdb.log" 2>&1 || {
    cat "$pg_dir/initdb.log" >&2
    cd "$OLDPWD" || true
    return 1
  }

  local try port
  for try in 1 2 3 4 5; do
    # Below the usual ephemeral range, where an outgoing connection of anything may hold the port.
    port=$((20000 + RANDOM % 12000))
    # Nothing of this run survives a crash, so nothing has to reach the disk. Two hundred connections: tests run side by
    # side, each with its own pools.
    "${as_user[@]}" "$pg_bin/postgres" -D "$pg_dir/data" -p "$port" \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off >"$pg_dir/server.log" 2>&1 &
    pg_pid=$!
    if wait_for_postgres "$port"; then
      cd "$OLDPWD" || return 1
      # shellcheck disable=SC2034 # read by the caller
      postgres_url="postgres://yishiting@127.0.0.1:$port/postgres"
      return 0
    fi
    say "PostgreSQL did not start on port $port (try $try)"
  done
  cat "$pg_dir/server.log" >&2
  cd "$OLDPWD" || return 1
  return 1
}

# Waits at most 30 s; gives up at once when the server has ended, as it does when the port is taken.
wait_for_postgres() {
  local port=$1 tenth
  for ((tenth = 0; tenth < 300; tenth++)); do
    kill -0 "$pg_pid" 2>/dev/null || return 1
    # From its own log: another server that has this port would answer a question too.
    grep -q 'ready to accept connections' "$pg_dir/server.log" && return 0
    sleep 0.1
  done
  kill -QUIT "$pg_pid" 2>/dev/null
  return 1
}

stop_postgres() {
  if [ -n "$pg_pid" ] && kill -0 "$pg_pid" 2>/dev/null; then
    # QUIT: at once; there is nothing to save.
    kill -QUIT "$pg_pid" 2>/dev/null || true
    wait "$pg_pid" 2>/dev/null || true
  fi
  pg_pid=
  [ -z "$pg_dir" ] || rm -rf "$pg_dir"
  pg_dir=
}
