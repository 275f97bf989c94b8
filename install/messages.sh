# What install.sh and uninstall.sh share: talking to people and to kubectl. Read by them, not run.

say() { printf '%s\n' "$*" >&2; }
ok() { say "  ok    $*"; }

# fail STATUS MESSAGE [ADVICE…]: the message, what to do about it, and the exit status that says which it was.
fail() {
  status=$1
  say "error: $2"
  shift 2
  for line in "$@"; do printf '%s\n' "$line" | sed 's/^/       /' >&2; done
  exit "$status"
}

usage_error() { fail 2 "$1" "Try: sh $0 --help"; }

# The value of an option that needs one.
need_value() { [ "$2" -ge 2 ] || usage_error "$1 needs a value"; }

k() {
  kubectl ${kubeconfig:+"--kubeconfig=$kubeconfig"} ${context:+"--context=$context"} "$@"
}

need_kubectl() {
  command -v kubectl >/dev/null 2>&1 ||
    fail 3 "kubectl is not on the PATH" "Install it first: https://kubernetes.io/docs/tasks/tools/"
}

need_cluster() {
  if ! server=$(k get --raw /version --request-timeout=15s 2>&1); then
    fail 4 "no cluster answers" "$(printf '%s\n' "$server" | tail -n 1)" \
      "Check \`kubectl cluster-info\`, or choose with --context or --kubeconfig."
  fi
}

# review VERB RESOURCE.GROUP [NAMESPACE]: a question to the API server whether the user may.
review() {
  case $2 in *.*) review_group=${2#*.} ;; *) review_group= ;; esac
  printf -- "$review_form" "$1" "${2%%.*}" "$review_group" "${3:-}"
}
review_form='---
apiVersion: authorization.k8s.io/v1
kind: SelfSubjectAccessReview
spec:
  resourceAttributes:
    verb: "%s"
    resource: "%s"
    group: "%s"
    namespace: "%s"
'

# ask_rights FILE [OPTION…]: asks for each of the lines `verb resource.group [namespace]` whether the user may, or with --as whoever is
# named; the answers are lines of `reviews`. All are asked at once: a kubectl for each would take its time.
ask_rights() {
  asked_rights=$1
  shift
  sort -u "$asked_rights" | while read -r verb resource where; do review "$verb" "$resource" "$where"; done |
    k create --validate=false -f - -o "jsonpath=$review_line" "$@" >"$work/reviews"
}

# missing_rights FILE: those that the user may not.
missing_rights() {
  ask_rights "$1" || return 1
  sed -n 's/^true //; t; s/  *$//; s/^ *//; p' "$work/reviews"
}
review_line='{.status.allowed}{" "}{.spec.resourceAttributes.verb}{" "}{.spec.resourceAttributes.resource}{" "}{.spec.resourceAttributes.group}{" "}{.spec.resourceAttributes.namespace}{"\n"}'

# need_rights FILE: stops unless the user may do all of it, and says everything that is missing at once.
need_rights() {
  missing=$(missing_rights "$1") || fail 4 "the API server does not say what you may do"
  [ -z "$missing" ] || fail 6 "you may not do all that this takes. Missing:" "$missing" \
    "Ask a cluster administrator to run this, or for these rights."
}
