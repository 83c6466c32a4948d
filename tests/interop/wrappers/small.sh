#!/usr/bin/env bash
# Runs the shell library where nothing but busybox is installed: from a binary, and from an archive of
# a mirror whose checksum is right or wrong.
#
#   small.sh WORK
set -euo pipefail
work=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
rm -rf "$work"
mkdir -p "$work"/{bin,job,mirror}
busybox --install -s "$work/bin"
sed "1s|.*|#!$work/bin/sh|" "$here/stub.sh" >"$work/mirror/proofmark"
chmod +x "$work/mirror/proofmark"
archive=proofmark-0.1.0-$(uname -m)-unknown-linux-musl.tar.gz
tar -czf "$work/mirror/$archive" -C "$work/mirror" proofmark
checksum=$(sha256sum <"$work/mirror/$archive" | cut -d ' ' -f 1)

# library EXPECTED VARIABLE...: runs the gate with only busybox on the path.
library() {
  local expected=$1 code=0
  shift
  (cd "$work/job" && env -i "PATH=$work/bin" "TMPDIR=$work" "RECORD=$work/arguments" \
    PROOFMARK_SURFACE=gitlab PROOFMARK_WRAPPER=model-gate PROOFMARK_INPUT_REPORT_FORMATS=junit \
    "PROOFMARK_INPUT_CONFIG=a b;\$(c)" "$@" \
    "$work/bin/sh" -ec ". '$repository/actions/_lib/proofmark.sh'; proofmark_main") >"$work/log" 2>&1 || code=$?
  if [[ $code != "$expected" ]]; then
    cat "$work/log"
    echo "busybox: exit code $code, expected $expected with $*" >&2
    exit 1
  fi
}

library 10 "PROOFMARK_INPUT_BINARY_PATH=$work/mirror/proofmark" STUB_EXIT=10
tr '\0' '\n' <"$work/arguments" | grep -qxF -- "--config=a b;\$(c)"
grep -qx PROOFMARK_VERDICT=fail "$work/job/proofmark-reports/model-gate/proofmark.env"
library 0 "PROOFMARK_INPUT_MIRROR_URL=file://$work/mirror" "PROOFMARK_INPUT_CHECKSUM=$checksum"
library 6 "PROOFMARK_INPUT_MIRROR_URL=file://$work/mirror" "PROOFMARK_INPUT_CHECKSUM=${checksum//[0-9]/0}"
library 2
echo "busybox: the library runs with nothing else"
