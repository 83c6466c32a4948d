#!/usr/bin/env bash
# Installs on a runner of GitHub what build.sh needs: the Rust named by RUSTUP_TOOLCHAIN for one
# target, a musl compiler, cargo-auditable.
#
#   .github/release/tools.sh TARGET
set -euo pipefail
target=$1
rustup toolchain install "${RUSTUP_TOOLCHAIN:?}" --profile minimal --target "$target"
if [[ $target == *-linux-musl ]]; then
  sudo apt-get update -qq
  sudo apt-get install -y -qq --no-install-recommends musl-tools
fi
cargo install --locked cargo-auditable@0.7.7
