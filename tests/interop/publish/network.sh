#!/usr/bin/env bash
# The network of a company, for real: a certificate nobody knows, a proxy that alone knows the way, a
# machine without any store of certificates and without the libraries that resolve names.
#
#   network.sh PROOFMARK WORK
set -euo pipefail
proofmark=$1 work=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$work"
mkdir -p "$work"/{job,root/dev,root/etc,root/tmp}

# An authority of our own and a certificate by it.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Acme Root' \
  -addext 'basicConstraints=critical,CA:TRUE' -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=forge' \
  -keyout "$work/forge.key" -out "$work/forge.csr" 2>/dev/null
printf 'subjectAltName=DNS:localhost,DNS:forge.invalid,DNS:forge.test\nbasicConstraints=CA:FALSE\n' >"$work/extensions"
openssl x509 -req -in "$work/forge.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
  -days 2 -extfile "$work/extensions" -out "$work/forge.pem" 2>/dev/null

python3 "$here/network.py" "$work/forge.pem" "$work/forge.key" "$work/proxy.log" >"$work/ports" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  if [[ -s $work/ports ]]; then break; fi
  sleep 0.1
done
read -r forge proxy <"$work/ports"

# says NAME EXPECTED HOST VARIABLE...: what `doctor` says of the forge at HOST.
says() {
  local name=$1 expected=$2 host=$3
  shift 3
  (cd "$work/job" && env -i GITLAB_CI=true CI_PROJECT_PATH=acme/churn \
    "CI_API_V4_URL=https://$host:$forge/api/v4" "$@" "$proofmark" doctor) >"$work/said" 2>&1 || true
  if ! grep -qE "$expected" "$work/said"; then
    cat "$work/said"
    echo "network: $name: expected $expected" >&2
    exit 1
  fi
  if grep -q secret "$work/said"; then
    echo "network: $name: a password is shown" >&2
    exit 1
  fi
}

empty=(SSL_CERT_FILE=/nonexistent SSL_CERT_DIR=/nonexistent)
own=PROOFMARK_CA_FILE=$work/ca.pem
says 'an unknown certificate' 'certificate.*hint.*PROOFMARK_CA_FILE' localhost
says 'a certificate more' 'is reached' localhost "$own"
says 'the store of the system' 'is reached' localhost "SSL_CERT_FILE=$work/ca.pem"
says 'no store, an unknown certificate' 'certificate.*hint.*PROOFMARK_CA_FILE' localhost "${empty[@]}"
says 'no store, a certificate more' 'is reached' localhost "${empty[@]}" "$own"
says 'a file that is none' 'failed to read' localhost PROOFMARK_CA_FILE=/nonexistent
says 'a name nobody knows' 'hint.*HTTPS_PROXY' forge.invalid "$own"
says 'a proxy that knows it' 'is reached' forge.invalid "$own" "HTTPS_PROXY=http://ann:secret@127.0.0.1:$proxy"
says 'a proxy without its password' 'hint.*a name and a password' forge.invalid "$own" "HTTPS_PROXY=http://127.0.0.1:$proxy"
says 'a name not for the proxy' 'is reached' localhost "$own" "HTTPS_PROXY=http://127.0.0.1:1" NO_PROXY=localhost
grep -q '^forge.invalid:' "$work/proxy.log"

# A machine that has nothing but the program and what every container is given.
if [[ $(id -u) == 0 ]] && mknod -m 666 "$work/root/dev/urandom" c 1 9 &&
  mknod -m 666 "$work/root/dev/random" c 1 8; then
  cp "$proofmark" "$work/root/proofmark"
  cp "$work/ca.pem" "$work/root/ca.pem"
  echo '127.0.0.1 forge.test' >"$work/root/etc/hosts"
  echo 'nameserver 127.0.0.1' >"$work/root/etc/resolv.conf"
  code=0
  env -i GITLAB_CI=true CI_PROJECT_PATH=acme/churn PROOFMARK_CA_FILE=/ca.pem \
    "CI_API_V4_URL=https://forge.test:$forge/api/v4" "$(command -v chroot)" "$work/root" /proofmark doctor >"$work/said" 2>&1 || code=$?
  if ! grep -q 'is reached' "$work/said"; then
    cat "$work/said"
    echo "network: from scratch: not reached (exit code $code)" >&2
    exit 1
  fi
  scratch=', from scratch'
fi
echo "network: certificates, proxy and names${scratch:-}"
