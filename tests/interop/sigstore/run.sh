#!/usr/bin/env bash
# Keyless signatures through a whole Sigstore on this machine (stack.sh), exchanged with model_signing, cosign
# and the Python client of Sigstore. Needs the built program, Python 3.10 or newer, OpenSSL and curl; installs
# the rest into $WORK.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) tests/interop/sigstore/run.sh
#
# The servers are built with Go (half an hour, once; their sources come from the module proxy), or taken
# from SIGSTORE_BIN. Without either the lane is skipped.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
WORK=$(mkdir -p "${WORK:?set it to a scratch directory}" && realpath "$WORK")
export PROOFMARK WORK

# DIRECTORY MODULE of each program of stack.sh.
programs=(
  "fulcio github.com/sigstore/fulcio@v1.8.8"
  "rekor github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@v2.3.0"
  "tesseract github.com/transparency-dev/tesseract/cmd/tesseract/posix@v0.1.1"
  "tsa github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server@v2.1.3"
  "cosign github.com/sigstore/cosign/v3/cmd/cosign@v3.1.2"
)
if [[ -z ${SIGSTORE_BIN:-} ]]; then
  if ! command -v go >/dev/null; then
    echo "skip  keyless signatures through a local Sigstore (neither Go nor SIGSTORE_BIN is there)"
    exit 0
  fi
  SIGSTORE_BIN="$WORK/bin"
  for program in "${programs[@]}"; do
    read -r directory module <<<"$program"
    if ! compgen -G "$SIGSTORE_BIN/$directory/*" >/dev/null; then
      # One compiler at a time: the dependencies need more memory than small machines have.
      GOBIN="$SIGSTORE_BIN/$directory" GOFLAGS=-p=1 go install "$module"
    fi
  done
fi
export SIGSTORE_BIN

export PYTHON="${PYTHON:-$WORK/venv/bin/python}"
if [[ ! -x $PYTHON ]]; then
  python3 -m venv "$WORK/venv"
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --requirement "$here/../signing/requirements.txt"
fi

export STACK="$WORK/stack"
trap '"$here/stack.sh" stop "$STACK"' EXIT
"$here/stack.sh" start "$STACK"
"$PYTHON" "$here/interop.py"
