#!/usr/bin/env bash
# The time of a release in seconds, for SOURCE_DATE_EPOCH: that of the last commit that changed more
# than what record.sh writes, so that both commits of a release give the same archives.
#
#   .github/release/epoch.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
git log -1 --format=%ct -- . ':(exclude)templates/wrappers/checksums.txt' \
  ':(exclude)action.yml' ':(exclude)actions' ':(exclude)gitlab' ':(exclude)jenkins'
