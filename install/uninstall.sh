#!/bin/sh
# Removes what install.sh, kustomize or nothing at all made of Cluster Insight: roles and bindings everywhere, everything
# in its namespace, and the namespace itself unless somebody else's. May be run again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/messages.sh"

help() {
  cat <<'HELP'
Usage: sh install/uninstall.sh [options]

  --namespace NAME     where it is installed (cluster-insight)
  --timeout SECONDS    how long to wait until all is gone (120)
  --context NAME, --kubeconfig FILE
                       as kubectl has them
  --dry-run            print what would be deleted; changes nothing
  --help               this

Exit status: 0 nothing is left, 2 wrong usage, 3 no kubectl, 4 no cluster, 6 rights missing, 9 something is left.
HELP
}

namespace=cluster-insight
timeout=120
context= kubeconfig= dry_run=

while [ $# -gt 0 ]; do
  case $1 in
    --namespace) need_value "$1" $#; namespace=$2; shift ;;
    --timeout) need_value "$1" $#; timeout=$2; shift ;;
    --context) need_value "$1" $#; context=$2; shift ;;
    --kubeconfig) need_value "$1" $#; kubeconfig=$2; shift ;;
    --dry-run) dry_run=yes ;;
    --help | -h) help; exit 0 ;;
    *) usage_error "unknown option: $1" ;;
  esac
  shift
done
case $timeout in '' | 0* | *[!0-9]*) usage_error "not a number of seconds: $timeout" ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

mine='app.kubernetes.io/part-of=cluster-insight,app.kubernetes.io/instance=cluster-insight'
inside='deployment daemonset service serviceaccount secret networkpolicy poddisruptionbudget'
everywhere='role rolebinding'
cluster='clusterrolebinding clusterrole'

served() { k get --raw "/apis/$1" >/dev/null 2>&1; }

fields='{range .items[*]}{.kind}{" "}{.metadata.namespace}{" "}{.metadata.name}{"\n"}{end}'
cluster_fields='{range .items[*]}{.kind}{" - "}{.metadata.name}{"\n"}{end}'

# look KIND FIELDS [OPTION…]: who may not list a kind may not have made it, and is told so.
look() {
  look_kind=$1 look_fields=$2
  shift 2
  k get "$look_kind" -l "$mine" -o "jsonpath=$look_fields" "$@" 2>"$work/look" ||
    say "  note  not looked for: $look_kind ($(tail -n 1 "$work/look"))"
}

# One `Kind namespace name` a line of everything that is ours.
list_ours() {
  for kind in $inside; do look "$kind" "$fields" -n "$namespace"; done
  if served monitoring.coreos.com/v1; then
    for kind in servicemonitor podmonitor; do look "$kind" "$fields" -n "$namespace"; done
  fi
  for kind in $everywhere; do look "$kind" "$fields" -A; done
  for kind in $cluster; do look "$kind" "$cluster_fields"; done
  owner=$(k get namespace "$namespace" --ignore-not-found \
    -o 'jsonpath={.metadata.labels.app\.kubernetes\.io/part-of}' 2>/dev/null || true)
  [ "$owner" != cluster-insight ] || echo "Namespace - $namespace"
  [ -z "$(labelled_nodes)" ] || echo "NodeLabel - $runtime_label"
}

# To delete all that was found.
check_rights() {
  while read -r kind where name; do
    [ "$where" = - ] && where=
    [ "$kind" = NodeLabel ] && echo "patch nodes" && continue
    echo "delete $kind $where"
  done <"$work/ours" | sort -u >"$work/rights"
  need_rights "$work/rights"
}

delete_line() {
  if [ "$1" = NodeLabel ]; then
    unlabel_nodes
    return
  fi
  if [ "$2" = - ]; then set -- "$1" "$3"; else set -- "$1" "$3" -n "$2"; fi
  k delete "$@" --ignore-not-found --timeout="${timeout}s" >/dev/null </dev/null
}

need_kubectl
need_cluster
list_ours >"$work/ours" || fail 9 "what is there cannot be listed"
if [ ! -s "$work/ours" ]; then
  say "Nothing of Cluster Insight is there."
  exit 0
fi
if [ -n "$dry_run" ]; then
  cat "$work/ours"
  say "Dry run: nothing was changed. Above: every object that would be deleted."
  exit 0
fi
check_rights
while read -r kind where name; do
  delete_line "$kind" "$where" "$name" || say "  left  $kind $name"
  ok "$kind $name"
done <"$work/ours"
list_ours >"$work/left"
[ ! -s "$work/left" ] || fail 9 "some of it is still there:" "$(sed 's/^/  /' "$work/left")" "Run this again in a while."
say "Nothing of Cluster Insight is left."
