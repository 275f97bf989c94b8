# The certificates of minions: an authority of the installation's own, and the one certificate that all its minions show. Read by
# install.sh. Run by itself (sh install/certificates.sh [NAMESPACE]) it prints both Secrets, for `kubectl create -f -`.

ca_secret=cluster-insight-minion-ca
tls_secret=cluster-insight-minion-tls
# The name in the certificate: the address of a Pod is not known beforehand. The manifests have the master ask for it.
minion_name=cluster-insight-minion
ca_days=3650
certificate_days=1095
# With less than this left a certificate is made anew.
renew_days=730

# openssl's own messages are of use only when it fails.
quietly() { "$@" >/dev/null 2>"$certificates/openssl" || { cat "$certificates/openssl" >&2; return 1; }; }

new_key() { quietly openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# Extensions come from a file: not every openssl takes them on its command line.
extensions() {
  cat <<CONFIG
[req]
distinguished_name = name
prompt = no
[name]
CN = $1
OU = $namespace
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[minion]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:$minion_name
CONFIG
}

# Writes ca.crt and ca.key.
make_authority() {
  extensions cluster-insight-minion-ca >"$certificates/ca.cnf"
  new_key "$certificates/ca.key"
  quietly openssl req -x509 -new -sha256 -key "$certificates/ca.key" -out "$certificates/ca.crt" -days "$ca_days" \
    -config "$certificates/ca.cnf" -extensions ca
}

# Writes tls.crt and tls.key, signed by ca.key.
make_certificate() {
  extensions "$minion_name" >"$certificates/tls.cnf"
  new_key "$certificates/tls.key"
  quietly openssl req -new -sha256 -key "$certificates/tls.key" -out "$certificates/tls.csr" -config "$certificates/tls.cnf"
  # A serial number of its own: some who check refuse a second certificate of the same.
  quietly openssl x509 -req -sha256 -in "$certificates/tls.csr" -CA "$certificates/ca.crt" -CAkey "$certificates/ca.key" \
    -set_serial "0x$(openssl rand -hex 16 | sed 's/^./1/')" -out "$certificates/tls.crt" -days "$certificate_days" \
    -extfile "$certificates/tls.cnf" -extensions minion
}

# lasts FILE DAYS: whether it is a certificate that is good for so long.
lasts() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend $(($2 * 86400)) >/dev/null 2>&1; }

# Whether the key is of the certificate, and the certificate of the authority.
belong_together() {
  [ "$(openssl x509 -in "$certificates/tls.crt" -noout -pubkey 2>/dev/null)" = \
    "$(openssl pkey -in "$certificates/tls.key" -pubout 2>/dev/null)" ] &&
    openssl verify -CAfile "$certificates/ca.crt" "$certificates/tls.crt" >/dev/null 2>&1
}

end_of() { openssl x509 -in "$1" -noout -enddate | sed 's/^notAfter=//'; }

encoded() { base64 <"$1" | tr -d '\n'; }

# certificate_secret NAME: of the files beside each other. That of the authority is mounted by nobody.
certificate_secret() {
  name=$1 of=tls
  [ "$1" = "$tls_secret" ] || of=ca
  cat <<SECRET
apiVersion: v1
kind: Secret
metadata:
  name: $name
  namespace: "$namespace"
  labels:
    app.kubernetes.io/name: cluster-insight
    app.kubernetes.io/instance: cluster-insight
    app.kubernetes.io/part-of: cluster-insight
    cluster-insight.io/installed-in: "$namespace"
type: kubernetes.io/tls
data:
  tls.crt: $(encoded "$certificates/$of.crt")
  tls.key: $(encoded "$certificates/$of.key")
SECRET
  # A master that has seen the old authority alone goes on trusting what minions show until they have the new one.
  [ "$of" = ca ] || printf '  ca.crt: %s\n' "$(cat "$certificates/ca.crt" "$certificates/ca.old" 2>/dev/null | base64 | tr -d '\n')"
}

case $0 in
  *certificates.sh)
    set -eu
    namespace=${1:-cluster-insight}
    certificates=$(mktemp -d)
    trap 'rm -rf "$certificates"' EXIT
    make_authority
    make_certificate
    certificate_secret "$ca_secret"
    echo '---'
    certificate_secret "$tls_secret"
    ;;
esac
