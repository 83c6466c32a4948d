#!/usr/bin/env bash
# Suites of other tools, unchanged, on the same data: their verdicts against this program's; and objects of an
# S3 server. `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tools=(pandera frictionless datacontract tfdv soda dbt)

# What needs no installation comes first: it takes seconds.
for tool in "${tools[@]}"; do
  STAGE=recorded bash "$here/$tool.sh"
done
bash "$here/gx.sh"

# Then the tools themselves.
for tool in "${tools[@]}"; do
  STAGE=original bash "$here/$tool.sh"
done
if wants great-expectations; then
  GX_RECORD=1 bash "$here/gx.sh"
fi

bash "$here/s3.sh"
bash "$here/stores.sh"
