#!/usr/bin/env bash
# Signatures exchanged with the tools other people use. Needs the built program and Python 3.10 or newer;
# installs the rest into $WORK.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) tests/interop/signing/run.sh
#
# Builds cosign when Go is there (some minutes, once) and has it verify an attestation;
# INTEROP_COSIGN=0 leaves that out.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
WORK=$(mkdir -p "${WORK:?set it to a scratch directory}" && realpath "$WORK")
export PROOFMARK WORK

python="$WORK/venv/bin/python"
if [[ ! -x $python ]]; then
  python3 -m venv "$WORK/venv"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
fi

if [[ ${INTEROP_COSIGN:-1} == 1 ]] && command -v go >/dev/null; then
  export COSIGN="$WORK/bin/cosign"
  if [[ ! -x $COSIGN ]]; then
    # One compiler at a time: cosign's dependencies need more memory than small machines have.
    GOBIN="$WORK/bin" GOFLAGS=-p=1 go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.2
  fi
fi

"$python" "$here/interop.py"
"$here/keys.sh"
