# shellcheck shell=bash
# What `make test` needs beside the compilers: a browser, a Chinese font, PostgreSQL, ffmpeg, shellcheck, and Python
# with readers of DOCX and XLSX. Installs what is missing with apt when it may, else says what to install. Sourced after lib.sh.
#
# Sets: chromium (path), pg_bin (folder). Puts a Python that has both readers first in PATH.

find_chromium() {
  chromium=${YISHITING_CHROMIUM:-}
  local name
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    [ -n "$chromium" ] || chromium=$(command -v "$name" || true)
  done
  [ -n "$chromium" ] && [ -x "$chromium" ]
}

# Debian keeps the server's programs out of PATH; the newest version wins.
find_postgres() {
  local initdb
  initdb=$(command -v initdb || find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  pg_bin=$(dirname "${initdb:-/nowhere/initdb}")
  [ -x "$pg_bin/initdb" ] && [ -x "$pg_bin/postgres" ]
}

has_chinese_font() { has fc-list && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]; }

python_reads_documents() { has python3 && python3 -c 'import docx, openpyxl' 2>/dev/null; }

# Packages still missing, in Debian's names.
missing_packages() {
  find_chromium || say chromium
  find_postgres || say postgresql
  has ffmpeg || say ffmpeg
  has shellcheck || say shellcheck
  has_chinese_font || say fontconfig fonts-noto-cjk
  python_reads_documents || say python3-docx python3-openpyxl
}

install_with_apt() {
  has apt-get || return 1
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    has sudo && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  say "installing $*"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Readers of documents can come from the package index too, without rights on the machine.
install_python_readers() {
  local venv=$tools_dir/python
  has python3 || return 1
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv" 2>/dev/null || return 1
  "$venv/bin/pip" install --quiet --disable-pip-version-check openpyxl python-docx || return 1
}

need_test_dependencies() {
  PATH="$tools_dir/python/bin:$PATH"
  local missing
  mapfile -t missing < <(missing_packages | tr ' ' '\n')
  if [ "${#missing[@]}" -gt 0 ]; then
    install_with_apt "${missing[@]}" || true
    hash -r
    python_reads_documents || install_python_readers || true
    hash -r
  fi
  mapfile -t missing < <(missing_packages | tr ' ' '\n')
  [ "${#missing[@]}" -eq 0 ] ||
    die "missing for the tests and not installable from here: ${missing[*]}
  on Debian or Ubuntu:  sudo apt-get install ${missing[*]}
  elsewhere:            a Chromium (or YISHITING_CHROMIUM=path), PostgreSQL with initdb in PATH, ffmpeg,
                        shellcheck, a Chinese font, and: pip install python-docx openpyxl"
  find_chromium
  find_postgres
}
