#!/bin/sh
# Removes one installation that install.sh or kustomize made: its roles and bindings everywhere, everything of it in its
# namespace, and the namespace itself unless somebody else's. Other installations are left alone. May be run again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/messages.sh"
. "$here/belongings.sh"

help() {
  cat <<'HELP'
Usage: sh install/uninstall.sh [options]

  --namespace NAME     where it is installed (cluster-insight)
  --timeout SECONDS    how long to wait until all is gone (120)
  --context NAME, --kubeconfig FILE
                       as kubectl has them
  --dry-run            print what would be deleted; changes nothing
  --help               this

Exit status: 0 nothing is left, 2 wrong usage, 3 no kubectl, 4 no cluster, 6 rights missing, 9 something is left,
10 what is there is Helm's.
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

inside=deployment,daemonset,service,serviceaccount,secret,networkpolicy,poddisruptionbudget

served() { k get --raw "/apis/$1" >/dev/null 2>&1; }

# One `Kind namespace name` a line of everything that is ours.
list_ours() {
  kinds=$inside
  ! served monitoring.coreos.com/v1 || kinds=$kinds,servicemonitor,podmonitor
  look '{.kind} {.metadata.namespace} {.metadata.name}' "$kinds" -n "$namespace" -l "$mine"
  list_grants
  own_grants
  old_grants
  owner=$(k get namespace "$namespace" --ignore-not-found \
    -o 'jsonpath={.metadata.labels.app\.kubernetes\.io/part-of}' 2>/dev/null || true)
  [ "$owner" != cluster-insight ] || echo "Namespace - $namespace"
  ! labels_are_ours || echo "NodeLabel - $runtime_label"
}

# To delete all that was found.
check_rights() {
  while read -r kind where name; do
    [ "$where" = - ] && where=
    [ "$kind" = NodeLabel ] && echo "patch nodes" && continue
    echo "delete $(resource_of "$kind") $where"
  done <"$work/ours" | sort -u >"$work/rights"
  need_rights "$work/rights"
}

need_kubectl
need_cluster
release=$(helm_release)
[ -z "$release" ] || fail 10 "what is in the namespace $namespace is Helm's release $release" \
  "Remove it so: helm uninstall $release --namespace $namespace"
list_ours >"$work/ours" || fail 9 "what is there cannot be listed"
[ -z "$old_owner" ] || say "  note  left alone: grants of an old version that the installation in $old_owner needs"
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
delete_lines "$work/ours" || true
list_ours >"$work/left"
while read -r kind where name; do
  grep -qxF "$kind $where $name" "$work/left" || ok "$kind $name"
done <"$work/ours"
[ ! -s "$work/left" ] || fail 9 "some of it is still there:" "$(sed 's/^/  /' "$work/left")" "Run this again in a while."
say "Nothing of Cluster Insight is left."
