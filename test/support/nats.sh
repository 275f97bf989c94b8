#!/bin/sh
# Prints where a nats-server of at least 2.10 is: on the PATH, or built once through Go's module proxy into the user's cache,
# outside of the repository. Exit status 1 where neither such a server nor Go is to be had.
set -eu

version=v2.15.2
place=${XDG_CACHE_HOME:-$HOME/.cache}/cluster-insight/nats-server-$version

is_new() {
  # "nats-server: v2.10.7"
  "$1" --version | sed -E 's/.*v([0-9]+)\.([0-9]+).*/\1 \2/' | { read -r major minor && [ "$major" -eq 2 ] && [ "$minor" -ge 10 ]; }
}

build() {
  # Two at once build one after the other; the second finds it built.
  flock 9
  [ -x "$place/nats-server" ] || GOBIN=$place "$1" install "github.com/nats-io/nats-server/v2@$version" >&2
}

found=$(command -v nats-server || true)
if [ -n "$found" ] && is_new "$found"; then
  echo "$found"
  exit 0
fi
if [ ! -x "$place/nats-server" ]; then
  go=$(command -v go || command -v /usr/local/go/bin/go) || exit 1
  mkdir -p "$place"
  build "$go" 9>"$place/lock"
fi
echo "$place/nats-server"
