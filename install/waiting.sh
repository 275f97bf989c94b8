# Waiting for Pods, and why they are not there. Read by install.sh, not run.

now() { date +%s; }

# One line a Pod of ours that is not ready: its node, and why, whole: containers, then conditions, then what events add.
waiting() {
  template='{{range .items}}{{$ready := false}}{{range .status.conditions}}{{if and (eq .type "Ready") (eq .status "True")}}{{$ready = true}}{{end}}{{end}}{{if not $ready}}{{.metadata.name}} {{or .spec.nodeName "(no node yet)"}}{{range .status.initContainerStatuses}}{{with .state.waiting}} {{.reason}} {{or .message ""}}{{end}}{{end}}{{range .status.containerStatuses}}{{with .state.waiting}} {{.reason}} {{or .message ""}}{{end}}{{with .state.terminated}} {{.reason}} {{or .message ""}}{{end}}{{with .lastState.terminated}} {{or .message ""}}{{end}}{{end}}{{range .status.conditions}}{{if and (eq .status "False") (eq .type "PodScheduled")}} {{.reason}} {{.message}}{{end}}{{end}}{{"\n"}}{{end}}{{end}}'
  k -n "$namespace" get pods -l "$mine,app.kubernetes.io/component=$1" -o "go-template=$template" 2>/dev/null >"$work/waiting" || true
  k -n "$namespace" get events --field-selector type=Warning -o \
    'go-template={{range .items}}{{.involvedObject.name}} {{.reason}} {{.message}}{{"\n"}}{{end}}' 2>/dev/null >"$work/events" || true
  head -n 20 "$work/waiting" | while read -r pod rest; do
    printf '  %s %s\n' "$pod" "$(printf '%s' "$rest" | tr -s ' ' | sed 's/ $//')"
    grep "^$pod " "$work/events" | cut -d ' ' -f 2- | sort -u | tail -n 3 | sed 's/^/    /'
  done
  lines=$(grep -c . "$work/waiting" || true)
  [ "$lines" -le 20 ] || echo "  and $((lines - 20)) more"
  # Without any Pod, what should make them says why it cannot.
  [ "$lines" != 0 ] || grep "^cluster-insight-$1" "$work/events" | sort -u | tail -n 5 | sed 's/^/  /'
}

# Whatever time passes, these get no better.
hopeless() { printf '%s' "$1" | grep -Eq 'InvalidImageName|ErrImageNeverPull'; }

# fail_rollout COMPONENT STATUS MESSAGE
fail_rollout() {
  reasons=$(waiting "$1")
  if printf '%s' "$reasons" | grep -Eq 'ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull'; then
    fail 7 "the image $image cannot be pulled:" "$reasons" \
      "Choose another with --image, or give the nodes access to its registry."
  fi
  logs=$(k -n "$namespace" logs -l "$mine,app.kubernetes.io/component=$1" --tail=5 2>/dev/null || true)
  fail "$2" "$3" "${reasons:-  no Pod says why}" ${logs:+"Last lines of the log:" "$logs"}
}

# wait_for_rollout WORKLOAD COMPONENT STATUS MESSAGE: says what it waits for when that changes.
wait_for_rollout() {
  until=$(($(now) + timeout)) said= longest=2
  while ! k -n "$namespace" rollout status "$1" --timeout="$(step "$until" "$longest")s" >/dev/null 2>&1; do
    longest=10
    reasons=$(waiting "$2")
    if [ "$(now)" -ge "$until" ] || hopeless "$reasons"; then fail_rollout "$2" "$3" "$4"; fi
    [ "$reasons" = "$said" ] || say "  wait  $1:" "$(printf '\n%s' "$reasons")"
    said=$reasons
    # A workload that is not to be found answers at once.
    sleep 1
  done
}

# step END MOST: seconds until the next look, at least one. The first is soon: what no time helps is said at once.
step() {
  left=$(($1 - $(now)))
  if [ "$left" -gt "$2" ]; then echo "$2"; elif [ "$left" -lt 1 ]; then echo 1; else echo "$left"; fi
}

wait_for() {
  wait_for_rollout deployment/cluster-insight-master master 9 "the master is not ready after $timeout s:"
  ok "master is ready"
  [ "$runtime" = none ] && return 0
  for each in $(minion_sets); do
    wait_for_rollout "daemonset/$each" minion 8 "minions are not ready on every node after $timeout s:"
  done
  ok "minions are ready"
}

# Masters that were there before rights were taken away show what they read until they end.
wait_for_the_old() {
  [ -s "$work/old-masters" ] || return 0
  say "  wait  masters that could read more are ending"
  xargs -n 1 <"$work/old-masters" | while read -r pod; do
    k -n "$namespace" wait --for=delete "$pod" --timeout="${timeout}s" >/dev/null 2>&1 </dev/null ||
      fail 9 "$pod, which could read more, has not ended after $timeout s"
  done || exit 9
  ok "no master is left that could read more"
}
