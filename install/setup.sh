#!/bin/sh
# Makes `npm start` and `npm test` whole on a fresh clone: installs the packages when they are absent or older than the
# lock file, builds the page where it is older than its sources, and checks that the pinned Node, which comes as one of them, runs here.
set -eu
cd "$(dirname "$0")/.."

least=24
stamp=node_modules/.cluster-insight-setup
installed=node_modules/.package-lock.json # npm's own record, written by whatever installed last

fail() {
  echo "setup: $1" >&2
  exit 1
}

is_current() {
  [ -f "$installed" ] || return 1
  cmp -s package-lock.json "$stamp" || [ "$installed" -nt package-lock.json ]
}

# The packages' own Node must not be on the PATH of the npm that replaces it. Development packages are wanted even with
# NODE_ENV=production: the pinned Node is one.
run_npm() {
  PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v 'node_modules/\.bin' | paste -sd: -) \
    npm "$@" --include=dev --ignore-scripts=false --no-audit --no-fund --loglevel=error
}

# `npm ci` refuses a lock that lacks packages of other platforms; `npm install` does not.
install_packages() {
  log=$(mktemp)
  if ! run_npm ci >"$log" 2>&1 && ! run_npm install --no-save >>"$log" 2>&1; then
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
    echo 'setup: installing packages; this happens once, and again when package-lock.json changes' >&2
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
