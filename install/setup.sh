#!/bin/sh
# Makes `npm start` and `npm test` whole on a fresh clone: installs the packages when they are absent or older than the
# lock file, builds the page where it is older than its sources, and checks that the pinned Node, which comes as one of them, runs here.
# `setup.sh` installs what runs; `setup.sh tests` what the tests need as well.
set -eu
cd "$(dirname "$0")/.."

what=${1:-run}
least=24
stamp=node_modules/.cluster-insight-setup
installed=node_modules/.package-lock.json # npm's own record, written by whatever installed last

fail() {
  echo "setup: $1" >&2
  exit 1
}

is_current() {
  [ -f "$installed" ] || return 1
  [ "$what" = run ] || [ -e node_modules/.bin/vitest ] || return 1
  cmp -s package-lock.json "$stamp" || [ "$installed" -nt package-lock.json ]
}

# The packages' own Node must not be on the PATH of the npm that replaces it.
run_npm() {
  PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v 'node_modules/\.bin' | paste -sd: -) \
    npm "$@" --ignore-scripts=false --no-audit --no-fund --loglevel=error
}

# How many packages the lock file wants: all, or those that run; those of other platforms are optional.
count_packages() {
  awk -v what="$what" '
    /^    "node_modules\// { all++; left = 0 }
    (/^      "optional": true/ || (what == "run" && /^      "dev": true/)) && !left { left = 1; out++ }
    END { print all - out }' package-lock.json
}

# A line that writes over itself on a terminal, and one now and then elsewhere.
show_progress() {
  began=$(date +%s) seconds=0 told=0
  while kill -0 "$1" 2>/dev/null; do
    sleep 0.2 2>/dev/null || sleep 1
    seconds=$(($(date +%s) - began))
    [ "$seconds" -gt "$told" ] || continue
    told=$seconds
    done=$(find node_modules -maxdepth 3 -name package.json 2>/dev/null | wc -l)
    [ "$done" -le "$2" ] || done=$2
    if [ -t 2 ]; then
      printf '\rsetup: %s of %s packages after %s s ' "$done" "$2" "$seconds" >&2
    elif [ $((seconds % 20)) -eq 0 ]; then
      echo "setup: $done of $2 packages after $seconds s" >&2
    fi
  done
  [ ! -t 2 ] || [ "$seconds" -eq 0 ] || echo >&2
}

# `npm ci` refuses a lock that lacks packages of other platforms; `npm install` does not. Where what runs is there already, the
# tests' packages are added to it.
npm_installs() {
  if [ "$what" = tests ]; then
    { [ ! -f "$installed" ] && run_npm ci --include=dev; } || run_npm install --no-save --include=dev
    return
  fi
  run_npm ci --omit=dev || run_npm install --no-save --omit=dev || return 1
  # The pinned Node is a development package, so that the image has its own.
  node=$(awk '/^    "node_modules\/node": /{ on = 1 } on && /"version"/{ gsub(/[",]/, "", $2); print $2; exit }' package-lock.json)
  run_npm install --no-save --save-prod --omit=dev "node@${node:-latest}"
}

install_packages() {
  total=$(count_packages)
  echo "setup: installing $total packages, mostly within a minute; this happens once, and again when package-lock.json changes" >&2
  log=$(mktemp)
  npm_installs >"$log" 2>&1 &
  npm=$!
  show_progress "$npm" "$total"
  if ! wait "$npm"; then
    cat "$log" >&2
    rm -f "$log"
    fail 'the packages could not be installed; npm says why above. It needs the registry it is configured for.'
  fi
  rm -f "$log"
  cp package-lock.json "$stamp"
}

# `npm start` and `npm test` at once must not install twice into one folder.
take_turns() {
  command -v flock >/dev/null || return 0
  exec 9>"${TMPDIR:-/tmp}/cluster-insight-setup-$(id -u).lock"
  flock 9
}

if ! is_current; then
  command -v npm >/dev/null || fail 'npm is not on the PATH; install Node.js with npm.'
  take_turns
  if ! is_current; then
    install_packages
  fi
fi

major=$(node_modules/.bin/node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
[ "$major" -ge "$least" ] || fail "the pinned Node (node_modules/.bin/node) does not run or is older than $least.
  An install script of the package \"node\" fetches it: take ignore-scripts=true out of your .npmrc, or allow that
  script; then remove node_modules and start again."

# The page is a convenience: the master serves everything else without it.
if [ -f install/build-ui.ts ]; then
  node_modules/.bin/node install/build-ui.ts --if-needed ||
    echo 'setup: the page could not be built; / answers with the page of links' >&2
fi
