#!/bin/sh
# Installs Cluster Insight on the cluster that kubectl points at, and asks it whether it works. May be run again: it
# brings what is there to what is asked for.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/messages.sh"
. "$here/belongings.sh"
. "$here/checks.sh"
. "$here/waiting.sh"
. "$here/certificates.sh"

help() {
  cat <<'HELP'
Usage: sh install/install.sh [options]

  --namespace NAME     where it is installed (cluster-insight)
  --namespaces A,B     read these namespaces only: a Role in each, nothing in the whole cluster, no minions
  --image IMAGE        image to run (cluster-insight:3.0.0)
  --runtime NAME       containerd, crio, docker, none (no minions), or auto: what the nodes say; where they run
                       different ones, they are labelled, and each runtime gets minions of its own (auto)
  --ha                 two masters
  --secrets            let the master read the metadata of Secrets; the right covers their values too
  --events             count Events on the objects they speak of
  --probes             minions also tell what the containers of their nodes use, without a privilege more
  --probes-tcp         and who connects to whom, how full volumes are and what is logged: root on the nodes
  --kubelet-metrics    numbers off the kubelets where there are no probes; the right to nodes/proxy opens far more
  --monitors           a ServiceMonitor and a PodMonitor for the Prometheus operator
  --cluster-name NAME  the Cluster resource's name (the context's)
  --timeout SECONDS    how long to wait for Pods, and at most a minute of it for the service (180)
  --context NAME, --kubeconfig FILE
                       as kubectl has them
  --dry-run            check, and print every object that would be applied; changes nothing
  --help               this

Exit status: 0 installed and working, 2 wrong usage, 3 no kubectl, 4 no cluster, 5 server too old, 6 rights missing,
7 image cannot be pulled, 8 minions do not come up, 9 the master does not come up or does not work, 10 something that was
asked for cannot be had here, and nothing was changed.
HELP
}

oldest_minor=29
namespace=cluster-insight
namespaces=
image=cluster-insight:3.0.0
runtime=auto
ha= secrets= events= probes= kubelet_metrics= monitors= cluster_name= context= kubeconfig= dry_run= foreign= runtimes= plain_too=
timeout=180

while [ $# -gt 0 ]; do
  case $1 in
    --namespace) need_value "$1" $#; namespace=$2; shift ;;
    --namespaces) need_value "$1" $#; namespaces=$(printf '%s' "$2" | tr ',' ' '); shift ;;
    --image) need_value "$1" $#; image=$2; shift ;;
    --runtime) need_value "$1" $#; runtime=$2; shift ;;
    --cluster-name) need_value "$1" $#; cluster_name=$2; shift ;;
    --timeout) need_value "$1" $#; timeout=$2; shift ;;
    --context) need_value "$1" $#; context=$2; shift ;;
    --kubeconfig) need_value "$1" $#; kubeconfig=$2; shift ;;
    --ha) ha=yes ;;
    --secrets) secrets=yes ;;
    --events) events=yes ;;
    --probes) probes=${probes:-usual} ;;
    --probes-tcp) probes=tcp ;;
    --kubelet-metrics) kubelet_metrics=yes ;;
    --monitors) monitors=yes ;;
    --dry-run) dry_run=yes ;;
    --help | -h) help; exit 0 ;;
    *) usage_error "unknown option: $1" ;;
  esac
  shift
done

# These words become part of files and commands.
for word in $namespace $namespaces; do
  case $word in *[!a-z0-9-]* | -* | *-) usage_error "not a namespace: $word" ;; esac
done
case $image in '' | *[!A-Za-z0-9._/:@-]*) usage_error "not an image: $image" ;; esac
case $timeout in '' | 0* | *[!0-9]*) usage_error "not a number of seconds: $timeout" ;; esac
case $cluster_name in *[!A-Za-z0-9._@:/-]*) usage_error "not a name: $cluster_name" ;; esac
case $runtime in auto | containerd | crio | docker | none) ;; *) usage_error "not a runtime: $runtime" ;; esac
if [ -n "$namespaces" ]; then
  [ "$runtime" = auto ] || [ "$runtime" = none ] || usage_error '--namespaces and --runtime do not go together'
  [ -z "$secrets$events" ] || usage_error '--namespaces goes with neither --secrets nor --events'
  [ -z "$kubelet_metrics" ] || usage_error '--namespaces and --kubelet-metrics do not go together: nodes are the whole cluster'"'"'s'
  runtime=none
fi
[ -z "$probes" ] || [ "$runtime" != none ] || usage_error '--probes are of minions, and there are none'

# Keys and tokens pass through it.
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

check_version() {
  minor=$(printf '%s' "$server" | tr -d ' \n' | sed -n 's/.*"minor":"\([0-9]*\).*/\1/p')
  major=$(printf '%s' "$server" | tr -d ' \n' | sed -n 's/.*"major":"\([0-9]*\).*/\1/p')
  [ -n "$minor" ] && [ -n "$major" ] || fail 4 "what answers is not a Kubernetes API server" "$server"
  [ "$major" -gt 1 ] || [ "$minor" -ge "$oldest_minor" ] ||
    fail 5 "the server is Kubernetes $major.$minor; 1.$oldest_minor is the oldest that works"
  ok "Kubernetes $major.$minor"
}

check_rights() {
  {
    for resource in deployments.apps services serviceaccounts secrets networkpolicies.networking.k8s.io \
      poddisruptionbudgets.policy; do
      for verb in create patch; do echo "$verb $resource $namespace"; done
    done
    [ "$runtime" = none ] || echo "create daemonsets.apps $namespace"
    echo "get namespaces"
    [ -z "$monitors" ] || for resource in servicemonitors podmonitors; do
      for verb in create patch; do echo "$verb $resource.monitoring.coreos.com $namespace"; done
    done
    if [ -z "$namespaces" ]; then
      for resource in clusterroles.rbac.authorization.k8s.io clusterrolebindings.rbac.authorization.k8s.io; do
        for verb in create patch; do echo "$verb $resource"; done
      done
    fi
    for each in $namespaces; do
      for resource in roles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io; do
        for verb in create patch; do echo "$verb $resource $each"; done
      done
    done
    [ "$runtime" != auto ] || echo "list nodes"
  } >"$work/rights"
  need_rights "$work/rights"
  ok "rights"
}

# `node runtime` a line, of every Linux node. Who chose the runtime may do without.
list_nodes() {
  line='{range .items[*]}{.status.nodeInfo.operatingSystem}{" "}{.metadata.name}{" "}{.status.nodeInfo.containerRuntimeVersion}{" "}{.metadata.labels.cluster-insight\.io/runtime}{"\n"}{end}'
  : >"$work/nodes"
  k get nodes -o "jsonpath=$line" >"$work/all-nodes" 2>/dev/null || return 1
  sed -n 's/^linux \([^ ]*\) \([a-z-]*\):.*/\1 \2/p' "$work/all-nodes" | sed 's/ cri-o$/ crio/' >"$work/nodes"
  awk '$NF !~ /:/ && NF > 3 { print $(NF - 2) }' "$work/all-nodes" >"$work/labelled"
}

# The runtime that the Linux nodes say they run. Where they run different ones, `runtime` is `mixed`, and `runtimes` are those
# of them that minions can serve. A DaemonSet cannot choose by what a node runs: the nodes are labelled.
detect_runtime() {
  runtimes=$(grep -E ' (containerd|crio|docker)$' "$work/nodes" | cut -d ' ' -f 2 | sort -u | tr '\n' ' ' | sed 's/ $//')
  others=$(grep -Ev ' (containerd|crio|docker)$' "$work/nodes" | sed 's/^/  /' || true)
  case "$runtimes$others" in
    '') fail 8 "no Linux node says which container runtime it runs" "Choose with --runtime, or --runtime none." ;;
    containerd | crio | docker) runtime=$runtimes; ok "nodes run $runtime"; return 0 ;;
  esac
  [ -n "$runtimes" ] || fail 8 "no minion can serve what the nodes run:" "$others" "Choose --runtime none."
  runtime=mixed
  ok "nodes run different runtimes: $runtimes"
  [ -z "$others" ] || printf '  note  no minion can serve these nodes:\n%s\n' "$others" >&2
  say '  note  nodes that join later get their label, and with it a minion, when this is run again'
  echo "patch nodes" >"$work/rights"
  need_rights "$work/rights"
}

# As many nodes at once as a command line holds; kubectl wants names before labels.
label_nodes() {
  for each in $runtimes; do
    grep " $each\$" "$work/nodes" | cut -d ' ' -f 1 |
      xargs -n 200 sh -c 'exec kubectl "$@" "$0"' "$runtime_label=$each" \
        ${kubeconfig:+"--kubeconfig=$kubeconfig"} ${context:+"--context=$context"} label nodes --overwrite >/dev/null ||
      fail 9 "the nodes cannot be labelled"
  done
  ok "nodes are labelled by their runtime"
}

would_label() {
  sed -En "s,^(.*) (containerd|crio|docker)\$,Would be labelled: node \1 $runtime_label=\2,p" "$work/nodes"
}

# Whether the namespace is there and somebody else's: then it is neither changed now nor deleted by uninstall.sh.
look_at_namespace() {
  line='{.metadata.name}|{.metadata.labels.app\.kubernetes\.io/part-of}|{.metadata.labels.pod-security\.kubernetes\.io/enforce}'
  found=$(k get namespace "$namespace" --ignore-not-found -o "jsonpath=$line") || fail 9 "the namespace cannot be read"
  foreign= enforced=${found##*|}
  case $found in '' | *'|cluster-insight|'*) ;; *) foreign=yes ;; esac
}

# What people call the cluster: the API server does not know a name.
name_cluster() {
  [ -z "$cluster_name" ] || return 0
  cluster_name=${context:-$(k config current-context 2>/dev/null || true)}
  case $cluster_name in
    *[!A-Za-z0-9._@:/-]*)
      say "  note  the context's name, $cluster_name, is none for a cluster: give one with --cluster-name"
      cluster_name=
      ;;
  esac
}

master_patch() {
  cat <<PATCH
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cluster-insight-master
  namespace: cluster-insight
spec:
  template:
    spec:
      containers:
        - name: master
          image: "$image"
PATCH
  [ -n "$cluster_name$namespaces$plain_too" ] || return 0
  echo '          env:'
  plain_too_setting
  [ -z "$cluster_name" ] || printf '            - name: CLUSTER_INSIGHT_CLUSTER_NAME\n              value: "%s"\n' "$cluster_name"
  [ -z "$namespaces" ] || printf '            - name: CLUSTER_INSIGHT_NAMESPACES\n              value: "%s"\n' \
    "$(printf '%s' "$namespaces" | tr ' ' ',')"
}

minion_patch() {
  cat <<PATCH
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: cluster-insight-minion
  namespace: cluster-insight
spec:
  template:
    spec:
      containers:
        - name: minion
          image: "$image"
PATCH
  [ -z "$plain_too" ] || echo '          env:'
  plain_too_setting
}

plain_too_setting() {
  [ -z "$plain_too" ] || printf '            - name: CLUSTER_INSIGHT_MINION_TLS\n              value: offered\n'
}

# Minions of a version without TLS are asked by plain HTTP, and those of this one answer it, until all are of this one: for
# one roll-out. The next run finds none of the old.
look_at_minions() {
  plain_too=
  [ "$runtime" != none ] && [ -n "$found" ] || return 0
  line='{range .items[*]}{.metadata.name}{" "}{.spec.containers[0].readinessProbe.httpGet.scheme}{"\n"}{end}'
  k -n "$namespace" get pods -l "$mine,app.kubernetes.io/component=minion" -o "jsonpath=$line" >"$work/minions" 2>/dev/null || return 0
  grep -q . "$work/minions" || return 0
  ! grep -qv ' HTTPS$' "$work/minions" || plain_too=yes
}

# For the nodes of one runtime of several: a name, a label and a choice of nodes of its own. What it needs beside the
# DaemonSet is there once, with the master.
minion_of_runtime() {
  cat <<KUSTOMIZATION
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: "$namespace"
resources:
  - ../components/minion/minion
components:
  - ../components/runtime-$1
$(probe_components)
patches:
  - path: minion.yaml
  - patch: |
      - { op: replace, path: /metadata/name, value: cluster-insight-minion-$1 }
      - { op: add, path: /spec/selector/matchLabels/cluster-insight.io~1runtime, value: $1 }
      - { op: add, path: /spec/template/metadata/labels/cluster-insight.io~1runtime, value: $1 }
      - { op: add, path: /spec/template/spec/nodeSelector/cluster-insight.io~1runtime, value: $1 }
    target: { kind: DaemonSet }
    options: { allowNameChange: true }
KUSTOMIZATION
  leave_out v1 ServiceAccount cluster-insight-minion cluster-insight
  leave_out networking.k8s.io/v1 NetworkPolicy cluster-insight-minion cluster-insight
}

probe_components() {
  [ -z "$probes" ] || echo '  - ../components/probes'
  [ "$probes" != tcp ] || echo '  - ../components/probes-tcp'
}

# The kustomization of what was asked for, beside a copy of the manifests: kustomize takes no path from outside.
kustomization() {
  echo 'apiVersion: kustomize.config.k8s.io/v1beta1'
  echo 'kind: Kustomization'
  printf 'namespace: "%s"\n' "$namespace"
  echo 'resources:'
  echo '  - ../base'
  [ -n "$namespaces" ] || echo '  - ../rbac/cluster'
  echo 'components:'
  if [ "$runtime" != none ]; then
    echo '  - ../components/minion'
    [ "$runtime" = mixed ] || echo "  - ../components/runtime-$runtime"
    [ "$runtime" = mixed ] || probe_components
  fi
  [ -z "$ha" ] || echo '  - ../components/ha'
  [ -z "$secrets" ] || echo '  - ../components/secrets'
  [ -z "$events" ] || echo '  - ../components/events'
  [ -z "$kubelet_metrics" ] || echo '  - ../components/kubelet-metrics'
  [ -z "$monitors" ] || echo '  - ../components/service-monitor'
  echo '  - settings'
}

settings() {
  echo 'apiVersion: kustomize.config.k8s.io/v1alpha1'
  echo 'kind: Component'
  echo 'patches:'
  [ -z "$namespaces" ] || echo '  - path: namespaced.yaml'
  echo '  - path: master.yaml'
  case $runtime in
    none) ;;
    mixed) leave_out apps/v1 DaemonSet cluster-insight-minion cluster-insight ;;
    *) echo '  - path: minion.yaml' ;;
  esac
  [ -z "$foreign" ] || leave_out v1 Namespace cluster-insight
}

# leave_out APIVERSION KIND NAME [NAMESPACE]
leave_out() {
  printf '  - patch: |\n      $patch: delete\n      apiVersion: %s\n      kind: %s\n      metadata: { name: %s }\n' \
    "$1" "$2" "$3${4:+, namespace: $4}"
}

render() {
  own=$work/manifests/own
  cp -R "$here/../manifests" "$work/manifests"
  mkdir -p "$own/settings"
  kustomization >"$own/kustomization.yaml"
  settings >"$own/settings/kustomization.yaml"
  cp "$here/../manifests/overlays/namespaced/master.yaml" "$own/settings/namespaced.yaml"
  master_patch >"$own/settings/master.yaml"
  minion_patch >"$own/settings/minion.yaml"
  kubectl kustomize "$own" >"$work/objects.yaml" || fail 9 "the manifests cannot be built"
  for each in $runtimes; do [ "$runtime" != mixed ] || render_minion "$each" >>"$work/objects.yaml"; done
  for each in $namespaces; do render_role "$each" >>"$work/objects.yaml"; done
  name_after_installation <"$work/objects.yaml" >"$work/named.yaml"
  mv "$work/named.yaml" "$work/objects.yaml"
}

# Names outside of the namespace, and the label, carry its name. The manifests have the usual one. The account that a Role is
# bound to stays where it is: kustomize moves only objects of its own, and quotes no name.
name_after_installation() {
  sed -e "s/^\( *name: \)cluster-insight:\(cluster-insight-.*\)\$/\1\"$namespace:\2\"/" \
    -e "s,^\( *$installed_in: \)cluster-insight\$,\1\"$namespace\"," \
    -e "/^subjects:/,/^---/s/^  namespace: .*/  namespace: \"$namespace\"/"
}

render_minion() {
  mkdir -p "$work/manifests/minion-$1"
  minion_of_runtime "$1" >"$work/manifests/minion-$1/kustomization.yaml"
  minion_patch >"$work/manifests/minion-$1/minion.yaml"
  echo '---'
  kubectl kustomize "$work/manifests/minion-$1" || fail 9 "the manifests of the minions cannot be built"
}

render_role() {
  mkdir -p "$work/manifests/role-$1"
  printf 'namespace: "%s"\nresources:\n  - ../rbac/namespaced\n' "$1" >"$work/manifests/role-$1/kustomization.yaml"
  echo '---'
  kubectl kustomize "$work/manifests/role-$1" || fail 9 "the manifests of the namespace $1 cannot be built"
}

secret_yaml() {
  cat <<SECRET
apiVersion: v1
kind: Secret
metadata:
  name: $1
  namespace: "$namespace"
  labels:
    app.kubernetes.io/name: cluster-insight
    app.kubernetes.io/instance: cluster-insight
    app.kubernetes.io/part-of: cluster-insight
    $installed_in: "$namespace"
type: Opaque
stringData:
  $2: "$3"
SECRET
}

random_token() { head -c 36 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }

# What is there of the Secrets that are wanted, asked once: a line `name key value` for each key, and `name` for the Secret itself.
read_secrets() {
  : >"$work/secrets"
  names=$(wanted_secrets)
  [ -n "$found" ] && [ -n "$names" ] || return 0
  template='{{range .items}}{{$name := .metadata.name}}{{$name}}{{"\n"}}{{range $key, $value := .data}}{{$name}} {{$key}} {{$value}}{{"\n"}}{{end}}{{end}}'
  # Where one name is given, kubectl answers with no list: it is given twice.
  k -n "$namespace" get secret $names ${names%% *} --ignore-not-found -o "go-template=$template" 2>/dev/null |
    sort -u >"$work/secrets"
}

has_secret() { grep -qx "$1" "$work/secrets"; }

# `create` and not `apply`, which would write a copy of the token into an annotation. One that is there stays.
ensure_secret() {
  ! has_secret "$1" || { ok "Secret $1 is there"; return; }
  echo '---' >>"$work/new-secrets.yaml"
  secret_yaml "$1" "$2" "$(random_token)" >>"$work/new-secrets.yaml"
}

# secret_file SECRET KEY FILE: what is there of it; an empty file where nothing is.
secret_file() {
  awk -v name="$1" -v key="$2" '$1 == name && $2 == key { print $3 }' "$work/secrets" | base64 -d >"$3" 2>/dev/null || : >"$3"
}

# put_secret NAME: has it made, or changes what it holds. The file is nobody else's to read, and no `apply` keeps a copy of it.
put_secret() {
  certificate_secret "$1" >"$certificates/secret.yaml"
  if has_secret "$1"; then
    k -n "$namespace" patch secret "$1" --type merge --patch-file "$certificates/secret.yaml" >/dev/null || fail 9 "the Secret $1 cannot be changed"
  else
    echo '---' >>"$work/new-secrets.yaml"
    cat "$certificates/secret.yaml" >>"$work/new-secrets.yaml"
  fi
}

# Those that are not there yet, all at once.
make_secrets() {
  [ -s "$work/new-secrets.yaml" ] || return 0
  k create -f "$work/new-secrets.yaml" >"$work/made-secrets" || fail 9 "not every Secret can be made"
  while read -r made _; do ok "Secret ${made#secret/} made"; done <"$work/made-secrets"
  rm "$work/new-secrets.yaml"
}

# The minions' certificate: made where there is none, and anew before it ends. One that somebody else made stays.
ensure_certificates() {
  certificates=$work/certificates
  mkdir -p "$certificates"
  for each in tls.crt tls.key; do secret_file "$tls_secret" "$each" "$certificates/$each"; done
  secret_file "$ca_secret" tls.crt "$certificates/ca.crt"
  secret_file "$ca_secret" tls.key "$certificates/ca.key"
  if [ -s "$certificates/tls.crt" ] && [ ! -s "$certificates/ca.key" ]; then
    ok "Secret $tls_secret is there, and not ours to renew"
    return 0
  fi
  : >"$certificates/ca.old"
  if ! lasts "$certificates/ca.crt" "$certificate_days"; then
    ! lasts "$certificates/ca.crt" 0 || cp "$certificates/ca.crt" "$certificates/ca.old"
    make_authority || fail 9 "no authority of the minions' certificates can be made"
    put_secret "$ca_secret"
  elif lasts "$certificates/tls.crt" "$renew_days" && belong_together; then
    ok "the minions' certificate is good until $(end_of "$certificates/tls.crt")"
    return 0
  fi
  make_certificate || fail 9 "the minions' certificate cannot be made"
  put_secret "$tls_secret"
  ok "the minions' certificate is made, and good until $(end_of "$certificates/tls.crt")"
}

# The DaemonSets that are asked for, one a line.
minion_sets() {
  case $runtime in
    none) ;;
    mixed) for each in $runtimes; do echo "cluster-insight-minion-$each"; done ;;
    *) echo cluster-insight-minion ;;
  esac
}

# What an earlier run made in the namespace and this one does not ask for.
remove_left_over() {
  if [ "$runtime" = none ]; then
    k -n "$namespace" delete daemonset,serviceaccount,networkpolicy -l "$mine,app.kubernetes.io/component=minion" \
      --ignore-not-found >/dev/null
    k -n "$namespace" delete secret cluster-insight-minion-token "$tls_secret" "$ca_secret" --ignore-not-found >/dev/null
  fi
  wanted=" $(minion_sets | tr '\n' ' ')"
  for each in $(k -n "$namespace" get daemonset -l "$mine,app.kubernetes.io/component=minion" \
    -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'); do
    case $wanted in *" $each "*) ;; *) k -n "$namespace" delete daemonset "$each" >/dev/null ;; esac
  done
  [ "$runtime" = mixed ] || unlabel_nodes
  [ -n "$monitors" ] || ! k get --raw /apis/monitoring.coreos.com/v1 >/dev/null 2>&1 ||
    k -n "$namespace" delete servicemonitor,podmonitor -l "$mine" --ignore-not-found >/dev/null 2>&1 || true
}

# `Kind namespace name` of every object that is asked for.
asked_for() {
  awk '
    function tell() { if (kind != "") print kind, (namespace == "" ? "-" : namespace), name; kind = namespace = name = "" }
    { gsub(/"/, "") }
    /^---/ { tell() }
    /^kind: / { kind = $2 }
    /^[a-zA-Z]/ { inside = /^metadata:/ }
    inside && /^  name: / { name = $2 }
    inside && /^  namespace: / { namespace = $2 }
    END { tell() }
  ' "$work/objects.yaml"
}

# Rights that were granted and are not asked for any more are taken away before anything else; the grants of an old version
# that have a successor, when that stands.
find_grants() {
  asked_for >"$work/asked-for"
  list_grants
  own_grants >"$work/own-grants"
  grep -vxF -f "$work/asked-for" "$work/own-grants" >"$work/not-asked" || true
  : >"$work/replaced"
  old_grants >"$work/ours-of-old"
  while read -r kind where name; do
    if grep -qxF "$kind $where $namespace:$name" "$work/asked-for"; then
      echo "$kind $where $name" >>"$work/replaced"
    else
      echo "$kind $where $name" >>"$work/not-asked"
    fi
  done <"$work/ours-of-old"
  [ -z "$old_owner" ] || say "  note  grants of an old version stay: the installation in $old_owner needs them until it is upgraded"
  cat "$work/not-asked" "$work/replaced" | while read -r kind where name; do
    [ "$where" = - ] && where=
    echo "delete $(resource_of "$kind") $where"
  done >"$work/rights"
  [ ! -s "$work/rights" ] || need_rights "$work/rights"
}

take_away() {
  : >"$work/old-masters"
  [ -s "$work/not-asked" ] || return 0
  k -n "$namespace" get pods -l "$mine,app.kubernetes.io/component=master" -o name >"$work/old-masters"
  delete_lines "$work/not-asked" || fail 9 "not every grant that is not asked for any more can be deleted"
  ok "$(grep -c . "$work/not-asked") grants taken away that are not asked for"
}

drop_replaced() {
  delete_lines "$work/replaced" || say '  note  not every grant of the old version could be deleted'
}

# One `VERB RESOURCE` a line that the master's account must not have by this run.
unwanted_rights() {
  [ -z "$namespaces" ] || printf '%s\n' 'list nodes' 'list pods' 'create tokenreviews.authentication.k8s.io' \
    'create subjectaccessreviews.authorization.k8s.io'
  [ -n "$secrets" ] || echo 'list secrets'
  [ -n "$events" ] || echo 'list events'
}

# Asks the API server, as it takes a moment until a right that is taken away is gone everywhere.
check_grants() {
  unwanted_rights >"$work/unwanted"
  : >"$work/still"
  until=$(($(now) + 10))
  while [ -s "$work/unwanted" ]; do
    ask_rights "$work/unwanted" --as="system:serviceaccount:$namespace:$master_account" 2>"$work/review-errors" || {
      say '  note  it was not asked what the account may do: you may not act as it'
      return 0
    }
    sed -n 's/^true \([^ ]*\) \([^ ]*\) \([^ ]*\).*/\1 \2.\3/p' "$work/reviews" | sed 's/\.$//' >"$work/still"
    [ -s "$work/still" ] && [ -s "$work/not-asked" ] && [ "$(now)" -lt "$until" ] || break
    sleep 1
  done
  if [ -s "$work/still" ]; then
    say "  note  the master's account may, though nothing of this installation grants it: $(tr '\n' ',' <"$work/still" | sed 's/,$//; s/,/, /g')" \
      "        By what: kubectl get clusterrolebindings,rolebindings -A -o wide | grep -E '$master_account|system:serviceaccounts'"
  else
    ok "the master's account may do no more than was asked for"
  fi
}

# With its label, so that a run that stops half way finds it to be its own.
make_namespace() {
  printf 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: "%s"\n  labels:\n    %s: %s\n    %s: "%s"\n' \
    "$namespace" app.kubernetes.io/part-of cluster-insight "$installed_in" "$namespace" >"$work/namespace.yaml"
  k apply -f "$work/namespace.yaml" >/dev/null || fail 9 "the namespace $namespace cannot be made"
}

apply() {
  take_away
  [ -n "$found" ] || make_namespace
  [ "$runtime" = none ] || { ensure_secret cluster-insight-minion-token token; ensure_certificates; }
  [ -z "$namespaces" ] || ensure_secret cluster-insight-client-tokens tokens
  make_secrets
  k apply -f "$work/objects.yaml" >"$work/applied" 2>"$work/apply-errors" ||
    fail 9 "not everything could be applied:" "$(cat "$work/apply-errors")"
  [ "$runtime" != mixed ] || label_nodes
  # In a namespace that was made a moment ago nothing is left.
  [ -z "$found" ] || remove_left_over
  drop_replaced
  ok "$(grep -c . "$work/applied") objects applied"
}

# Asks the running service, from inside a master's Pod and with its own token. While a Service learns of new Pods, and minions of
# a new master, it is asked again.
verify() {
  until=$(($(now) + (timeout < 60 ? timeout : 60))) said=
  while :; do
    result=0
    k -n "$namespace" exec deployment/cluster-insight-master -- node -e "$(cat "$here/verify.js")" \
      "http://cluster-insight.$namespace.svc:5555" "$runtime" >"$work/verified" 2>"$work/verify-errors" || result=$?
    [ "$result" != 0 ] || break
    reason=$(tail -n 1 "$work/verify-errors")
    if [ "$(now)" -ge "$until" ]; then
      # It works, and minions are still to come.
      [ "$result" != 3 ] || break
      fail 9 "the service does not answer as it should:" "$(cat "$work/verified" "$work/verify-errors" | tail -n 10)"
    fi
    [ "$reason" = "$said" ] || say "  wait  $reason"
    said=$reason
    sleep 1
  done
  while read -r line; do ok "$line"; done <"$work/verified"
  [ "$result" = 0 ] || say "  note  $(tail -n 1 "$work/verify-errors")"
  k get --raw "/api/v1/namespaces/$namespace/services/http:cluster-insight:5555/proxy/readyz" >/dev/null 2>"$work/proxy" ||
    say "  note  the Service does not answer through the API server: $(tail -n 1 "$work/proxy")"
}

# The options by which another command finds the same cluster and installation.
same_place() {
  [ "$namespace" = cluster-insight ] || printf ' --namespace %s' "$namespace"
  [ -z "$context" ] || printf ' --context %s' "$context"
  [ -z "$kubeconfig" ] || printf ' --kubeconfig %s' "$kubeconfig"
}

how_to_reach() {
  on="kubectl${kubeconfig:+ --kubeconfig $kubeconfig}${context:+ --context $context} -n $namespace"
  if [ -n "$namespaces" ]; then
    token="$on get secret cluster-insight-client-tokens -o 'jsonpath={.data.tokens}' | base64 -d"
  else
    token="$on create token cluster-insight-master"
  fi
  say '' 'Cluster Insight is running. To reach it:'
  say "  $on port-forward service/cluster-insight 5555"
  say "  curl -H \"Authorization: Bearer \$($token)\" http://localhost:5555/cluster"
  [ -z "$plain_too" ] || say 'Minions answer plain HTTP beside HTTPS until this is run once more: there were some without TLS.'
  say "A bearer token of your own shows what you may see. To remove it: sh $here/uninstall.sh$(same_place)"
}

say 'Checking'
need_kubectl
need_cluster
check_version
check_rights
list_nodes || [ "$runtime" != auto ] || fail 4 "the nodes cannot be listed"
[ "$runtime" != auto ] || detect_runtime
look_at_namespace
look_at_minions
read_secrets
name_cluster
render
check_asked
find_grants
if [ -n "$dry_run" ]; then
  [ "$runtime" = none ] || {
    secret_yaml cluster-insight-minion-token token '(random, unless it is there)'
    echo '---'
    for each in "$ca_secret" "$tls_secret"; do
      secret_yaml "$each" tls.crt '(made with openssl, unless it is there and lasts)'
      echo '---'
    done
  }
  [ -z "$namespaces" ] || { secret_yaml cluster-insight-client-tokens tokens '(random, unless it is there)'; echo '---'; }
  cat "$work/objects.yaml"
  [ "$runtime" != mixed ] || would_label >&2
  sed 's/^/Would be taken away: /' "$work/not-asked" >&2
  say "Dry run: nothing was changed. Above: every object that would be applied."
  exit 0
fi
say 'Applying'
apply
say 'Waiting'
wait_for
wait_for_the_old
say 'Verifying'
check_grants
verify
how_to_reach
