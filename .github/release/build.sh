#!/usr/bin/env bash
# Builds the published binary of one target so that the same commit gives the same bytes anywhere:
# locked dependencies, no path of this machine in the binary, the time of the commit.
#
#   .github/release/build.sh TARGET OUTPUT      writes OUTPUT/proofmark-TARGET (.exe on Windows)
#
# Uses cargo-auditable, which embeds the list of dependencies, when it is installed. The caller says
# which Rust by RUSTUP_TOOLCHAIN; another version gives other bytes.
set -euo pipefail
target=$1
mkdir -p "$2"
output=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."

SOURCE_DATE_EPOCH=$(bash .github/release/epoch.sh)
export SOURCE_DATE_EPOCH

# The paths that would end up in panic messages and in what the C compiler writes. On Windows the
# compiler sees other spellings of them than this shell.
native() {
  if command -v cygpath >/dev/null; then cygpath -w "$1"; else printf '%s\n' "$1"; fi
}
here=$(native "$PWD")
cargo_home=$(native "${CARGO_HOME:-$HOME/.cargo}")
flags=(
  "--remap-path-prefix=$here=source"
  "--remap-path-prefix=$cargo_home=cargo"
  "--remap-path-prefix=$(rustc --print sysroot)=rust"
)
suffix=
case $target in
  *-linux-musl) flags+=(-C target-feature=+crt-static) ;;
  # The linker writes the time of the build unless it is told not to.
  *-windows-msvc) flags+=(-C target-feature=+crt-static -C link-arg=/Brepro) suffix=.exe ;;
esac
case $target in
  *-windows-msvc) ;;
  *) export CFLAGS="-ffile-prefix-map=$here=source -ffile-prefix-map=$cargo_home=cargo ${CFLAGS:-}" ;;
esac
# Flags joined by a separator that is in none of them: paths may hold spaces.
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\037' "${flags[@]}")
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\037'}

build=(cargo build)
if command -v cargo-auditable >/dev/null; then
  build=(cargo auditable build)
fi
"${build[@]}" --locked --profile dist --target "$target"
cp "target/$target/dist/proofmark$suffix" "$output/proofmark-$target$suffix"
bash .github/release/paths.sh "$output/proofmark-$target$suffix" "$here" "$cargo_home"
