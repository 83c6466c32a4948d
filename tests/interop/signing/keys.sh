#!/usr/bin/env bash
# Keys that others hold: moto for AWS KMS, SoftHSM by a plug-in for PKCS#11, and Vault or OpenBao where one is
# named. Needs the built program, Python 3.10 or newer, OpenSSL; SoftHSM and OpenSC are installed with apt-get
# when missing and root.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) tests/interop/signing/keys.sh
#
#   VAULT=PROGRAM   `bao` or `vault`, of which a development server is started; by hand: without it that part
#                   is left out
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
WORK=$(mkdir -p "${WORK:?set it to a scratch directory}" && realpath "$WORK")
export PROOFMARK WORK

if ! command -v pkcs11-tool softhsm2-util >/dev/null && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends opensc softhsm2 >/dev/null
fi

python="$WORK/keys/bin/python"
if [[ ! -x $python ]]; then
  python3 -m venv "$WORK/keys"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements-keys.txt"
fi

exec "$python" "$here/keys.py"
