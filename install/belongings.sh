# What an installation has outside of its own namespace, and whose it is. Read by install.sh and uninstall.sh, not run.

installed_in=cluster-insight.io/installed-in
# What these scripts and kustomize make. Helm's releases are Helm's.
mine='app.kubernetes.io/part-of=cluster-insight,app.kubernetes.io/instance=cluster-insight,app.kubernetes.io/managed-by!=Helm'
master_account=cluster-insight-master

# look FIELDS KINDS [OPTION…]: who may not list a kind may not have made it, and is told so.
look() {
  look_fields=$1 look_kinds=$2
  shift 2
  k get "$look_kinds" -o "jsonpath={range .items[*]}$look_fields{\"\\n\"}{end}" "$@" 2>"$work/look" ||
    grep -E '^(Error|error)' "$work/look" | sed 's/^/  note  not looked for: /' >&2
}

# All that grants rights by these scripts, of whatever installation: `Kind|namespace|name|installation|namespace of its account`.
# Roles come before bindings: a binding says whose it is, and binds nothing once its role is gone.
list_grants() {
  look '{.kind}|{.metadata.namespace}|{.metadata.name}|{.metadata.labels.cluster-insight\.io/installed-in}|{.subjects[0].namespace}' \
    clusterrole,role,clusterrolebinding,rolebinding -A -l "$mine" | sed 's/||/|-|/' >"$work/grants"
}

# By label: what grants rights to this installation and nobody else. `Kind namespace name`, as all lists; - is no namespace.
own_grants() { awk -F '|' -v own="$namespace" '$4 == own { print $1, $2, $3 }' "$work/grants"; }

# Versions before this label gave every installation's grants the same names. They are of the one whose account they are bound
# to; where its master is there no more, or has grants of its own since, they are nobody's, and go with any. Sets `old_owner`
# to the namespaces of others that need them.
old_grants() {
  awk -F '|' '$4 == "" && $5 != "" { print $2, $5 }' "$work/grants" | sort -u | while read -r where owner; do
    [ "$owner" = "$namespace" ] || ! needs_old_grants "$owner" || echo "$where $owner"
  done >"$work/others"
  awk -F '|' '$4 == "" { print $1, $2, $3 }' "$work/grants" | while read -r kind where name; do
    grep -q "^$where " "$work/others" || echo "$kind $where $name"
  done
  old_owner=$(cut -d ' ' -f 2 "$work/others" | sort -u | tr '\n' ' ' | sed 's/ $//')
}

# needs_old_grants NAMESPACE: whether a master of such a version runs there.
needs_old_grants() {
  [ -n "$1" ] || return 1
  line='{.metadata.name}{" "}{.metadata.labels.cluster-insight\.io/installed-in}'
  [ "$(k -n "$1" get deployment "$master_account" --ignore-not-found -o "jsonpath=$line" 2>/dev/null)" = "$master_account " ]
}

# The resource of a kind, as rights name it.
resource_of() {
  plural=$(printf '%ss' "$1" | tr '[:upper:]' '[:lower:]')
  case $1 in
    Deployment | DaemonSet) echo "$plural.apps" ;;
    *Role | *RoleBinding) echo "$plural.rbac.authorization.k8s.io" ;;
    NetworkPolicy) echo networkpolicies.networking.k8s.io ;;
    PodDisruptionBudget) echo "$plural.policy" ;;
    *Monitor) echo "$plural.monitoring.coreos.com" ;;
    *) echo "$plural" ;;
  esac
}

# delete_lines FILE: what its lines `Kind namespace name` say, all of one namespace at once. False where something could not be deleted.
delete_lines() {
  lines=$1 all_deleted=yes
  for place in $(awk '!seen[$2]++ { print $2 }' "$lines"); do
    set --
    while read -r kind where name; do
      [ "$where" = "$place" ] || continue
      if [ "$kind" = NodeLabel ]; then unlabel_nodes </dev/null || all_deleted=; else set -- "$@" "$kind/$name"; fi
    done <"$lines"
    [ $# -gt 0 ] || continue
    [ "$place" = - ] || set -- "$@" -n "$place"
    k delete "$@" --ignore-not-found --timeout="${timeout}s" >/dev/null </dev/null || all_deleted=
  done
  [ -n "$all_deleted" ]
}

# On nodes, where they run different runtimes: which one. A DaemonSet for each chooses by it. The label says what is so of the
# node and is shared by all installations: it is taken off when no other has minions that choose by it.
runtime_label=cluster-insight.io/runtime

# Where the nodes were listed already, the list says it.
labelled_nodes() {
  if [ -e "$work/labelled" ]; then cat "$work/labelled"; else k get nodes -l "$runtime_label" -o name 2>/dev/null || true; fi
}

label_users() {
  choice='{range .items[*]}{.metadata.namespace}{" "}{.spec.template.spec.nodeSelector.cluster-insight\.io/runtime}{"\n"}{end}'
  k get daemonset -A -l app.kubernetes.io/part-of=cluster-insight -o "jsonpath=$choice" >"$work/choices" 2>/dev/null || return 1
  sed -n 's/^\([^ ]*\) ..*/\1/p' "$work/choices" | grep -vx "$namespace" | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# Whether the labels of nodes are there and nobody else's.
labels_are_ours() {
  [ -n "$(labelled_nodes)" ] || return 1
  users=$(label_users) || { say "  note  the nodes keep their label: it cannot be seen whether others use it"; return 1; }
  [ -z "$users" ] || { say "  note  the nodes keep their label: minions in $users use it"; return 1; }
}

unlabel_nodes() {
  ! labels_are_ours || k label nodes -l "$runtime_label" "$runtime_label-" >/dev/null
}

# Whether Helm made what is in the namespace: then only Helm may change it.
helm_release() {
  line='{range .items[*]}{.metadata.annotations.meta\.helm\.sh/release-name}{"\n"}{end}'
  k -n "$namespace" get deployment -l app.kubernetes.io/part-of=cluster-insight,app.kubernetes.io/managed-by=Helm \
    -o "jsonpath=$line" 2>/dev/null | head -n 1
}
