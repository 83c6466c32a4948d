#!/usr/bin/env bash
# Holds what `report publish` says to GitHub, and what the forge of the tests answers, to GitHub's own
# description of its API: Prism stands between the two as a validating proxy and turns whatever is not
# described into an error. Once for github.com, once for an Enterprise Server.
#
# Then the network of a company: network.sh.
#
#   PROOFMARK   the binary
#   WORK        scratch directory (default: a new one, removed at the end)
#   needs       Rust, Python, Node 20, openssl
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK"
cp "$here/package.json" "$here/package-lock.json" "$WORK/"
if [[ ! -d $WORK/node_modules ]]; then
  (cd "$WORK" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
fi

prism=''
stop() {
  if [[ -n $prism ]]; then
    kill "$prism" 2>/dev/null || true
    wait "$prism" 2>/dev/null || true
    prism=''
  fi
}
trap stop EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# contract DESCRIPTION PREFIX: the whole scenario through Prism.
contract() {
  local port upstream
  port=$(free_port)
  upstream=$(free_port)
  python3 "$here/cut.py" "$WORK/node_modules/@octokit/openapi/generated/$1.json" "$2" >"$WORK/$1.json"
  "$WORK/node_modules/.bin/prism" proxy --errors --port "$port" "$WORK/$1.json" \
    "http://127.0.0.1:$upstream" >"$WORK/$1.log" 2>&1 &
  prism=$!
  for _ in $(seq 100); do
    if grep -q 'Prism is listening' "$WORK/$1.log"; then break; fi
    sleep 0.2
  done
  if ! (cd "$repository" && PROOFMARK_PRISM="http://127.0.0.1:$port$2 127.0.0.1:$upstream" \
    timeout 300 cargo test --locked --quiet --test it -- github_is_spoken_to_as_it_describes_itself); then
    tail -n 60 "$WORK/$1.log" >&2
    exit 1
  fi
  if grep -E 'Violation|violation' "$WORK/$1.log" >&2; then
    echo "publish: $1 describes it otherwise" >&2
    exit 1
  fi
  # Nothing asked is nothing shown.
  grep -q 'check-runs' "$WORK/$1.log"
  stop
  echo "publish: every exchange is as $1 describes it"
}

# A check that cannot fail shows nothing: a description that demands more must be noticed.
must_fail() {
  python3 - "$WORK/$1.json" "$WORK/stricter.json" <<'PY'
import json, sys
described = json.load(open(sys.argv[1]))
path = next(path for path in described["paths"] if path.endswith("/statuses/{sha}"))
schema = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
schema.setdefault("required", []).append("nothing_has_this")
json.dump(described, open(sys.argv[2], "w"))
PY
  local port upstream
  port=$(free_port)
  upstream=$(free_port)
  "$WORK/node_modules/.bin/prism" proxy --errors --port "$port" "$WORK/stricter.json" \
    "http://127.0.0.1:$upstream" >"$WORK/stricter.log" 2>&1 &
  prism=$!
  for _ in $(seq 100); do
    if grep -q 'Prism is listening' "$WORK/stricter.log"; then break; fi
    sleep 0.2
  done
  if (cd "$repository" && PROOFMARK_PRISM="http://127.0.0.1:$port$2 127.0.0.1:$upstream" \
    timeout 300 cargo test --locked --quiet --test it -- github_is_spoken_to_as_it_describes_itself) >/dev/null 2>&1; then
    echo 'publish: Prism lets through what is not described' >&2
    exit 1
  fi
  stop
}

contract api.github.com ''
must_fail api.github.com ''
contract ghes-3.19 /api/v3
bash "$here/network.sh" "${PROOFMARK:?}" "$WORK/network"
