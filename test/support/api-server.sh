#!/bin/sh
# Prints where a kube-apiserver is: on the PATH, or built once through Go's module proxy into the user's cache, outside of the
# repository, which takes two quiet processors some three minutes. `--if-built` never builds. Exit status 1 where none is to be had.
set -eu

version=1.36.3
place=${XDG_CACHE_HOME:-$HOME/.cache}/cluster-insight/kube-apiserver-$version

# Kubernetes' module names its own libraries by folders: they are published under the same version as modules.
write_module() {
  {
    echo "module scratch"
    sed -n 's/^go /go /p' "$1"
    echo "require k8s.io/kubernetes v$version"
    sed -n "s#^[[:space:]]*\(k8s.io/[a-z-]*\) => ./staging/.*#replace \1 => \1 v0.${version#1.}#p" "$1"
  } >go.mod
  printf '//go:build tools\n\npackage scratch\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver"\n' >tools.go
}

build() {
  # Two at once build one after the other; the second finds it built.
  flock 9
  [ ! -x "$place/kube-apiserver" ] || return 0
  cd "$place"
  write_module "$(cd / && "$1" mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)",*/\1/p')"
  "$1" mod tidy >&2
  named=k8s.io/component-base/version
  "$1" build -buildvcs=false -o kube-apiserver.new \
    -ldflags "-s -w -X $named.gitVersion=v$version -X $named.gitMajor=1 -X $named.gitMinor=36" \
    k8s.io/kubernetes/cmd/kube-apiserver >&2
  mv kube-apiserver.new kube-apiserver
}

command -v kube-apiserver && exit 0
if [ ! -x "$place/kube-apiserver" ]; then
  [ "${1:-}" != --if-built ] || exit 1
  go=$(command -v go || command -v /usr/local/go/bin/go) || exit 1
  mkdir -p "$place"
  build "$go" 9>"$place/lock"
fi
echo "$place/kube-apiserver"
