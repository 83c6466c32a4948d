# The first that is there: $PROOFMARK_BINARY, a proofmark of this version on the path, its archive
# in the cache, below $PROOFMARK_MIRROR_URL (https:// or file:///), on the release page. An archive
# is unpacked only when its digest is $PROOFMARK_SHA256, wherever it came from.
set -e
version={{ version }}
name=proofmark-$version-$(uname -m)-unknown-linux-musl
archive=$cache/proofmark/$version/$name.tar.gz
has_digest() {
  [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$PROOFMARK_SHA256" ]
}
mkdir -p "$tools"
if [ -n "${PROOFMARK_BINARY:-}" ]; then
  ln -sf "$(realpath "$PROOFMARK_BINARY")" "$tools/proofmark"
elif [ "$(proofmark --version 2>/dev/null)" = "proofmark $version" ]; then
  ln -sf "$(command -v proofmark)" "$tools/proofmark"
elif [ -z "${PROOFMARK_SHA256:-}" ]; then
  echo "PROOFMARK_SHA256 is empty: nothing is downloaded that cannot be verified" >&2
  exit 6
else
  if ! has_digest "$archive"; then
    mkdir -p "${archive%/*}"
    from=${PROOFMARK_MIRROR_URL:-{{ repository }}/releases/download/v$version}
    case $from in
      file:///*) cp "${from#file://}/$name.tar.gz" "$archive.part" ;;
      *) if command -v curl >/dev/null; then
          curl --fail --silent --show-error --location --retry 3 --output "$archive.part" "$from/$name.tar.gz"
        else
          wget -q -O "$archive.part" "$from/$name.tar.gz"
        fi ;;
    esac || { echo "$name.tar.gz cannot be fetched from $from" >&2; exit 5; }
    if ! has_digest "$archive.part"; then
      rm -f "$archive.part"
      echo "$name.tar.gz has not the digest PROOFMARK_SHA256; nothing was unpacked" >&2
      exit 6
    fi
    mv -f "$archive.part" "$archive"
  fi
  tar -xzf "$archive" -C "$tools"
  ln -sf "$name/proofmark" "$tools/proofmark"
fi
