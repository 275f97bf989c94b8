# What install.sh looks at before it changes anything: whether all that was asked for can be had. Read by it, not run. Every check
# writes what is wrong to standard output, with two spaces before it; nothing means that it is well.

# The kinds of the Prometheus operator.
check_monitors() {
  [ -n "$monitors" ] || return 0
  k get --raw /apis/monitoring.coreos.com/v1 >"$work/monitoring" 2>/dev/null || : >"$work/monitoring"
  grep -q '"servicemonitors"' "$work/monitoring" && grep -q '"podmonitors"' "$work/monitoring" ||
    echo '  --monitors: no ServiceMonitor and PodMonitor are known here. Install the Prometheus operator first, or leave it out.'
}

check_namespaces() {
  for each in $namespaces; do
    [ -n "$(k get namespace "$each" --ignore-not-found -o name 2>/dev/null)" ] ||
      echo "  --namespaces: there is no namespace $each. Make it first, or leave it out."
  done
}

# Minions of a runtime find no socket where another one runs, and their Pods wait for ever.
check_runtime() {
  case $runtime in none | mixed) return 0 ;; esac
  [ -s "$work/nodes" ] || return 0
  grep -v " $runtime\$" "$work/nodes" | head -n 20 | sed "s/^\([^ ]*\) \(.*\)/  --runtime $runtime: node \1 runs \2, and has no socket of $runtime. Leave the option out to have each node's own./"
}

# Their certificate is made here, unless one is there that needs no renewal.
check_openssl() {
  [ "$runtime" != none ] && ! command -v openssl >/dev/null 2>&1 || return 0
  ! has_secret "$tls_secret" || has_secret "$ca_secret" || return 0
  echo "  openssl is not on the PATH, and the minions' certificate is made with it. Install it, make the Secret $tls_secret yourself"
  echo '    (manifests/README.md), or choose --runtime none.'
}

check_helm() {
  [ -n "$found" ] || return 0
  release=$(helm_release)
  [ -z "$release" ] || echo "  --namespace $namespace: Helm's release $release is installed there. Change it with helm, or choose another namespace."
}

# Only a namespace that was there before us: the one that is made says itself what its Pods may.
check_pod_security() {
  [ -n "$foreign" ] || return 0
  case $runtime:$enforced in
    none:* | *: | *:privileged) ;;
    *)
      echo "  --namespace $namespace enforces the Pod Security profile $enforced. Minions mount their runtime's socket, which takes privileged:"
      echo "    choose --runtime none, another namespace, or label it pod-security.kubernetes.io/enforce=privileged."
      ;;
  esac
}

# The API server's own word on every object: admission, and rights that the user would give and does not have.
check_admission() {
  k apply --dry-run=server -f "$work/objects.yaml" >/dev/null 2>"$work/dry-run" || true
  # So are quotas that take of every Pod what these do not say.
  [ -z "$foreign" ] && [ ! -s "$work/quota" ] || pods_of_templates | k create --dry-run=server -f - >/dev/null 2>>"$work/dry-run" || true
  # A namespace that is still to be made can hold nothing; who may not make Pods need not.
  grep -E '^(Error|error|The )' "$work/dry-run" | grep -v "namespaces \"$namespace\" not found" |
    grep -v 'cannot create resource "pods"' | sed "s#\"$work/[^\"]*\"#\"the manifests\"#; s/^/  /" | sort -u | head -n 20
}

# Pods as the workloads would make them, but for the account, which is not there yet.
pods_of_templates() {
  awk -v namespace="$namespace" '
    /^---/ { kind = ""; inside = 0 }
    /^kind: (Deployment|DaemonSet)$/ { kind = $2 }
    /^  name: / && kind != "" && !inside { name = $2 }
    /^  template:$/ && kind != "" { inside = 1; print "---\napiVersion: v1\nkind: Pod"; next }
    inside && /^ ? ? ?[^ ]/ { inside = 0 }
    inside && /^      serviceAccountName:/ { next }
    inside { print substr($0, 5) }
    inside && /^    metadata:$/ { print "  name: " name "-check\n  namespace: \"" namespace "\"" }
  ' "$work/objects.yaml"
}

# Whether the Pods and Secrets fit the namespace's quotas: Pods are made by controllers, which would only say it in events. A quota
# of scopes counts here where all of them are of such Pods: they have requests, no deadline and no class of priority.
check_quota() {
  [ -n "$found" ] || return 0
  template='{{range .items}}{{$q := .metadata.name}}{{$s := .status}}{{$of := "-"}}{{range .spec.scopes}}{{$of = printf "%s,%s" $of .}}{{end}}{{with .spec.scopeSelector}}{{range .matchExpressions}}{{$of = printf "%s,%s:%s" $of .scopeName .operator}}{{end}}{{end}}{{range $key, $most := .spec.hard}}{{$q}} {{$key}} {{$most}} {{if and $s $s.used}}{{or (index $s.used $key) "0"}}{{else}}0{{end}} {{$of}}{{"\n"}}{{end}}{{end}}'
  k -n "$namespace" get resourcequota -o "go-template=$template" >"$work/quota" 2>/dev/null || return 0
  [ -s "$work/quota" ] || return 0
  defaults=$(k -n "$namespace" get limitrange -o 'jsonpath={.items[*].spec.limits[*].default.cpu}' 2>/dev/null || true)
  { needed; echo "defaults $defaults"; sed 's/^/quota /' "$work/quota"; } | awk '
    function number(text) {
      match(text, /^[0-9.]+([eE][-+]?[0-9]+)?/)
      unit = substr(text, RLENGTH + 1)
      return substr(text, 1, RLENGTH) * (unit == "" ? 1 : factor[unit])
    }
    function counts(scopes, all, i) {
      split(scopes, all, ",")
      for (i = 2; i in all; i++)
        if (all[i] !~ /^(NotTerminating|NotBestEffort)(:Exists)?$/ && all[i] !~ /^PriorityClass:(DoesNotExist|NotIn)$/) return 0
      return 1
    }
    BEGIN {
      factor["n"] = 1e-9; factor["u"] = 1e-6; factor["m"] = 0.001
      factor["k"] = 1e3; factor["M"] = 1e6; factor["G"] = 1e9; factor["T"] = 1e12; factor["P"] = 1e15; factor["E"] = 1e18
      factor["Ki"] = 1024; factor["Mi"] = 1024 ^ 2; factor["Gi"] = 1024 ^ 3
      factor["Ti"] = 1024 ^ 4; factor["Pi"] = 1024 ^ 5; factor["Ei"] = 1024 ^ 6
    }
    $1 == "need" {
      need["pods"] += $2; need["count/pods"] += $2
      need["cpu"] += $2 * number($3); need["requests.cpu"] += $2 * number($3)
      need["memory"] += $2 * number($4); need["requests.memory"] += $2 * number($4)
      need["limits.memory"] += $2 * number($5)
    }
    $1 == "secrets" { need["secrets"] += $2; need["count/secrets"] += $2 }
    $1 == "defaults" { limited = NF > 1 }
    $1 == "quota" && !counts($6) { next }
    $1 == "quota" && $3 == "limits.cpu" && !limited && need["pods"] > 0 {
      print "  quota " $2 ": it takes a limit of CPU of every Pod, which these have none of. Make a LimitRange with a default, or choose another namespace."
    }
    # A thousandth is lost where numbers are added up.
    $1 == "quota" && ($3 in need) && need[$3] > 0 && number($5) + need[$3] > number($4) * 1.000001 {
      print "  quota " $2 ": of " $3 ", " $4 " may be used and " $5 " are; this takes " need[$3] " more."
    }'
}

# One line a kind of Pod: how many more are needed, and what each takes of processor, memory, and memory at most; and how many
# Secrets more.
needed() {
  masters=1; [ -z "$ha" ] || masters=2
  running=$(count_pods master)
  # While one is replaced, there is one more.
  [ "$running" = 0 ] || stays_as_it_is || masters=$((masters + 1))
  echo "need $(more "$masters" "$running") $(takes Deployment)"
  [ "$runtime" = none ] || echo "need $(more "$(grep -c . "$work/nodes" || true)" "$(count_pods minion)") $(takes DaemonSet)"
  for each in $(wanted_secrets); do
    has_secret "$each" || echo 'secrets 1'
  done
}

wanted_secrets() {
  [ "$runtime" = none ] || echo "cluster-insight-minion-token $tls_secret $ca_secret"
  [ -z "$namespaces" ] || echo cluster-insight-client-tokens
}

# Whether the masters that run are those that are asked for: then none is replaced.
stays_as_it_is() {
  k apply --dry-run=server -f "$work/objects.yaml" 2>/dev/null | grep -q '^deployment.apps/.* unchanged'
}

more() { if [ "$1" -gt "$2" ]; then echo $(($1 - $2)); else echo 0; fi; }

count_pods() {
  k -n "$namespace" get pods -l "$mine,app.kubernetes.io/component=$1" -o name 2>/dev/null | grep -c . || true
}

# takes KIND: the requests and limits that the manifests give its Pods.
takes() {
  awk -v wanted="$1" '
    /^---/ { kind = "" }
    /^kind: / { kind = $2 }
    kind != wanted { next }
    /^ +(limits|requests):$/ { of = $1 }
    /^ +cpu: / && of == "requests:" { cpu = $2 }
    /^ +memory: / && of == "requests:" { memory = $2 }
    /^ +memory: / && of == "limits:" { most = $2 }
    END { print cpu, memory, most }
  ' "$work/objects.yaml"
}

# No registry can be asked from here; but a name without one is looked for on Docker Hub, unless the nodes have it already.
note_image() {
  case $image in */*) return 0 ;; esac
  line='{range .items[*].status.images[*].names[*]}{@}{"\n"}{end}'
  k get nodes -o "jsonpath=$line" >"$work/images" 2>/dev/null || return 0
  grep -Eqx "(docker.io/library/|localhost/)?$image" "$work/images" ||
    say "  note  no node says that it has the image $image, which names no registry: they will look for it on Docker Hub"
}

# All of it, and all that is wrong at once.
check_asked() {
  {
    check_helm
    check_openssl
    check_monitors
    check_namespaces
    check_runtime
    check_pod_security
    check_quota
  } >"$work/problems"
  # What is wrong already would only be said once more.
  [ -s "$work/problems" ] || check_admission >"$work/problems"
  [ ! -s "$work/problems" ] ||
    fail 10 "not all that was asked for can be had here, and nothing was changed:" "$(cat "$work/problems")"
  note_image
  ok "what was asked for can be had here"
}
