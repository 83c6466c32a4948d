#!/usr/bin/env bash
# Objects of moto's S3 server, which checks signatures and permissions, through this program.
# `common.sh` has the variables.
#
#   PROOFMARK_INTEROP_LIBRARY=1   also runs the library's own test against the server, which needs Rust
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

shared_environment
mkdir -p "$WORK/s3"
library=()
if [[ -n "${PROOFMARK_INTEROP_LIBRARY:-}" ]]; then
  library=(cargo test --package proofmark --lib io::objects::tests::a_real_store_gives_its_objects)
fi
"$WORK/shared/bin/python" "$here/s3.py" "$PROOFMARK" "$WORK/s3" "${library[@]}" 2> "$WORK/s3/log" || {
  tail -n 20 "$WORK/s3/log"
  exit 1
}
