#!/usr/bin/env bash
# A whole Sigstore on this machine, of the servers the public instance is made of: Fulcio with its CT log
# (TesseraCT), Rekor 2, the timestamp authority, and an issuer of tokens shaped as those of GitHub Actions
# and GitLab (issuer.py). No database, no network beyond the loopback interface.
#
#   SIGSTORE_BIN=DIR PYTHON=venv/bin/python stack.sh start DIR
#   stack.sh stop DIR
#
# `start` returns when every server answers, and leaves in DIR:
#   trusted_root.json signing_config.json client_trust_config.json   for clients
#   environment                                                      addresses, to be sourced
#   logs/                                                            what the servers said
#
# SIGSTORE_BIN holds fulcio/fulcio, rekor/posix, tesseract/posix, tsa/timestamp-server and cosign/cosign.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
action=${1:?start or stop}
mkdir -p "${2:?a directory}"
cd "$2"

stop() {
  local pid
  for pid in pids/*; do
    [[ -e $pid ]] || continue
    kill "$(<"$pid")" 2>/dev/null || true
    rm -f "$pid"
  done
}

# launch NAME COMMAND...: in the background, its process id kept for `stop`.
launch() {
  local name=$1
  shift
  "$@" >"logs/$name.log" 2>&1 </dev/null &
  echo $! >"pids/$name"
}

# answers NAME URL: waits up to 30 seconds.
answers() {
  for _ in $(seq 300); do
    curl --silent --output /dev/null --max-time 2 "$2" && return
    if ! kill -0 "$(<"pids/$1")" 2>/dev/null; then
      break
    fi
    sleep 0.1
  done
  echo "$1 does not answer at $2:" >&2
  tail -n 20 "logs/$1.log" >&2
  stop
  exit 1
}

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "$@"
}

make_keys() {
  # The authority of Fulcio: a root, and below it who issues.
  new_key -out keys/root.pem
  openssl req -new -x509 -key keys/root.pem -days 2 -subj "/O=local/CN=root" -out keys/root.crt \
    -addext "basicConstraints=critical,CA:true,pathlen:1" -addext "keyUsage=critical,keyCertSign,cRLSign"
  new_key -aes256 -pass pass:local -out keys/authority.pem
  openssl req -new -key keys/authority.pem -passin pass:local -subj "/O=local/CN=authority" -out keys/authority.csr
  printf '%s\n' "basicConstraints=critical,CA:true,pathlen:0" "keyUsage=critical,keyCertSign,cRLSign" \
    "extendedKeyUsage=codeSigning" "subjectKeyIdentifier=hash" "authorityKeyIdentifier=keyid" >keys/authority.ext
  openssl x509 -req -in keys/authority.csr -CA keys/root.crt -CAkey keys/root.pem -CAcreateserial -days 2 \
    -extfile keys/authority.ext -out keys/authority.crt
  cat keys/authority.crt keys/root.crt >keys/chain.crt
  # The logs.
  openssl ecparam -name prime256v1 -genkey -noout -out keys/ct.pem
  openssl pkey -in keys/ct.pem -pubout -out keys/ct.pub
  openssl genpkey -algorithm ed25519 -out keys/rekor.pem
  openssl pkey -in keys/rekor.pem -pubout -out keys/rekor.pub
}

start() {
  rm -rf keys data logs pids
  mkdir -p keys data/ct data/rekor logs pids
  make_keys 2>logs/keys.log
  local ports
  read -r -a ports < <("$PYTHON" -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(10)]
print(*(one.getsockname()[1] for one in sockets))')
  local issuer="http://localhost:${ports[0]}" ct="http://localhost:${ports[1]}"
  local fulcio="http://localhost:${ports[2]}" rekor="http://localhost:${ports[3]}"
  local tsa="http://localhost:${ports[4]}"

  launch issuer "$PYTHON" "$here/issuer.py" "${ports[0]}"
  launch ct "$SIGSTORE_BIN/tesseract/posix" -http_endpoint "localhost:${ports[1]}" -origin ct.local \
    -private_key keys/ct.pem -roots_pem_file keys/root.crt -ext_key_usages CodeSigning -storage_dir data/ct \
    -checkpoint_interval 200ms -batch_max_age 20ms
  launch rekor "$SIGSTORE_BIN/rekor/posix" serve --storage-dir data/rekor --signer-filepath keys/rekor.pem \
    --hostname rekor.local --http-port "${ports[3]}" --grpc-port "${ports[5]}" --http-metrics-port "${ports[6]}" \
    --checkpoint-interval 200ms --batch-max-age 20ms
  launch tsa "$SIGSTORE_BIN/tsa/timestamp-server" serve --host 127.0.0.1 --port "${ports[4]}" \
    --timestamp-signer memory --disable-ntp-monitoring
  answers issuer "$issuer/github/keys"
  answers ct "$ct/ct/v1/get-roots"
  sed "s|ISSUER|$issuer|g" "$here/fulcio.yaml" >fulcio.yaml
  launch fulcio "$SIGSTORE_BIN/fulcio/fulcio" serve --ca fileca --fileca-cert keys/chain.crt \
    --fileca-key keys/authority.pem --fileca-key-passwd local --fileca-watch=false --config-path fulcio.yaml \
    --ct-log-url "$ct" --ct-log-origin ct.local --ct-log-public-key-path keys/ct.pub --host 127.0.0.1 --port "${ports[2]}" \
    --grpc-host 127.0.0.1 --grpc-port "${ports[7]}" --metrics-port "${ports[8]}" \
    --legacy-unix-domain-socket "@fulcio-${ports[7]}"
  answers fulcio "$fulcio/api/v2/configuration"
  answers rekor "$rekor/api/v2/checkpoint"
  answers tsa "$tsa/ping"
  curl --silent --fail --output keys/tsa.crt "$tsa/api/v1/timestamp/certchain"
  describe "$issuer" "$ct" "$fulcio" "$rekor" "$tsa"
}

describe() {
  local issuer=$1 ct=$2 fulcio=$3 rekor=$4 tsa=$5
  local since=2020-01-01T00:00:00Z cosign="$SIGSTORE_BIN/cosign/cosign"
  local service="api-version=1,start-time=$since,operator=local"
  "$cosign" trusted-root create --out trusted_root.json \
    --fulcio "url=$fulcio,certificate-chain=keys/chain.crt,start-time=$since" \
    --ctfe "url=$ct,public-key=keys/ct.pub,start-time=$since" \
    --rekor "url=https://rekor.local,public-key=keys/rekor.pub,start-time=$since,origin=rekor.local" \
    --tsa "url=$tsa/api/v1/timestamp,certificate-chain=keys/tsa.crt,start-time=$since"
  "$cosign" signing-config create --out signing_config.json --fulcio "url=$fulcio,$service" \
    --oidc-provider "url=$issuer/github,$service" \
    --rekor "url=$rekor,api-version=2,start-time=$since,operator=local" --rekor-config ANY \
    --tsa "url=$tsa/api/v1/timestamp,$service" --tsa-config ANY
  "$PYTHON" - >client_trust_config.json <<'PYTHON'
import json
print(json.dumps({
    "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
    "trustedRoot": json.load(open("trusted_root.json")),
    "signingConfig": json.load(open("signing_config.json")),
}))
PYTHON
  printf '%s\n' "ISSUER=$issuer" "FULCIO=$fulcio" "REKOR=$rekor" "TSA=$tsa" >environment
}

case $action in
  start) start ;;
  stop) stop ;;
  *)
    echo "expected start or stop, got $action" >&2
    exit 2
    ;;
esac
