#!/usr/bin/env bash
# Makes a release of the program at hand with the scripts of the release workflow, and lets others
# judge it: sha256sum, tar and unzip the archives, the schema of CycloneDX the bill of materials,
# buildah the images, pre-commit the hooks, zizmor (pedantic), actionlint and check-jsonschema the
# workflows, shellcheck the scripts. Publishing, other platforms and building anew are for the workflow.
#
#   PROOFMARK   the program, static and stripped
#   WORK        scratch directory
#   needs       Python, Go, cargo, git, openssl; Debian's buildah, busybox-static, shellcheck and unzip,
#               installed when missing and root
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
release=$repository/.github/release
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
WORK=$(mkdir -p "${WORK:?set it to a scratch directory}" && realpath "$WORK")
export SOURCE_DATE_EPOCH=1767225600 # 2026-01-01
target=$(uname -m)-unknown-linux-musl
version=$("$PROOFMARK" --version | cut -d ' ' -f 2)
name=proofmark-$version-$target

fail() {
  echo "release: $*" >&2
  exit 1
}

# refused EXPECTED COMMAND...: the command must fail, and say so.
refused() {
  local expected=$1
  shift
  if "$@" >"$WORK/log" 2>&1; then fail "not refused: $*"; fi
  grep -qF -- "$expected" "$WORK/log" || { cat "$WORK/log"; fail "no \`$expected\` from $*"; }
}

# The tools.
if [[ ! -x $WORK/venv/bin/pre-commit ]]; then
  python3 -m venv "$WORK/venv"
  "$WORK/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
fi
if [[ ! -x $WORK/bin/actionlint ]]; then
  GOBIN=$WORK/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
fi
if ! command -v cargo-cyclonedx >/dev/null; then
  cargo install --quiet --locked --debug --root "$WORK/cargo" cargo-cyclonedx@0.5.9
fi
export PATH="$WORK/cargo/bin:$PATH"
missing=()
for tool in buildah shellcheck unzip; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
# The one in the image must need no libraries.
if ! command -v busybox >/dev/null || ldd "$(command -v busybox)" >/dev/null 2>&1; then
  missing+=(busybox-static)
fi
if [[ ${#missing[@]} -gt 0 ]]; then
  as_root=()
  [[ $(id -u) == 0 ]] || as_root=(sudo -n)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# The workflows and the scripts, read.
cd "$repository"
"$WORK/venv/bin/zizmor" --offline --quiet --pedantic .github
"$WORK/bin/actionlint" .github/workflows/*.yml
"$WORK/venv/bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
shellcheck "$release"/*.sh "$here/run.sh"
"$WORK/venv/bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
echo "workflows, scripts and hooks: read"

# Archives: complete, and the same bytes twice.
rm -rf "$WORK/assets" "$WORK/again"
bash "$release/package.sh" "$PROOFMARK" "$target" "$WORK/assets" >/dev/null
(umask 077 && cd / && TZ=Asia/Tokyo bash "$release/package.sh" "$PROOFMARK" "$target" "$WORK/again" >/dev/null)
cmp "$WORK/assets/$name.tar.gz" "$WORK/again/$name.tar.gz"
cmp "$WORK/assets/$name" "$PROOFMARK"
contents="CHANGELOG.md LICENSE README.md completions/_proofmark completions/_proofmark.ps1
completions/proofmark.bash completions/proofmark.fish man/proofmark.1"
diff <(tar -tzf "$WORK/assets/$name.tar.gz" | grep -v '/$') \
  <(for file in $contents proofmark; do echo "$name/$file"; done)
tar -tvzf "$WORK/assets/$name.tar.gz" | awk '$2 != "0/0" { exit 1 }'
# The zip of Windows is made here too, around a stand-in: its program does not run here.
windows=proofmark-$version-x86_64-pc-windows-msvc
echo "not a program" >"$WORK/stand-in"
for folder in assets again; do
  bash "$release/package.sh" "$WORK/stand-in" x86_64-pc-windows-msvc "$WORK/$folder" "$PROOFMARK" >/dev/null
done
cmp "$WORK/assets/$windows.zip" "$WORK/again/$windows.zip"
diff <(unzip -Z1 "$WORK/assets/$windows.zip") \
  <(for file in $contents proofmark.exe; do echo "$windows/$file"; done)
rm -rf "$WORK/again"
bash -n <(tar -xzOf "$WORK/assets/$name.tar.gz" "$name/completions/proofmark.bash")
echo "archives: complete and reproducible"

# Bill of materials.
bash "$release/sbom.sh" x86_64-unknown-linux-gnu "$WORK/assets/proofmark-$version-$target.cdx.json"
"$WORK/venv/bin/python" - "$WORK/assets/proofmark-$version-$target.cdx.json" Cargo.lock <<'PYTHON'
import json, sys, tomllib
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = open(sys.argv[1]).read()
problem = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
assert problem is None, problem
document = json.loads(text)
listed = {(c["name"], c["version"]) for c in document["components"]}
locked = {(p["name"], p["version"]) for p in tomllib.load(open(sys.argv[2], "rb"))["package"]}
assert listed <= locked, sorted(listed - locked)
direct = {"polars", "clap", "serde_json", "sigstore", "reqwest", "minijinja"}
assert direct <= {name for name, _ in listed}
print(f"bill of materials: {len(listed)} components, valid CycloneDX 1.5")
PYTHON

# Checksums, as recorded for the wrappers, in a copy of the repository with a history of two commits.
bash "$release/checksums.sh" "$WORK/assets"
(cd "$WORK/assets" && sha256sum --check --quiet SHA256SUMS)
copy=$WORK/copy
rm -rf "$copy"
mkdir -p "$copy/.github" "$copy/templates"
cp -r .github/release "$copy/.github/"
cp -r templates/wrappers "$copy/templates/"
cp -r action.yml actions docs gitlab jenkins Cargo.toml "$copy/"
printf '# Changelog\n\n## [Unreleased]\n\n## [%s]\n\n- The first.\n\n## [0.0.1]\n\n- Nothing.\n' "$version" >"$copy/CHANGELOG.md"
# commit SECONDS: commits the copy at that time.
commit() {
  git -C "$copy" add --all
  GIT_AUTHOR_DATE="@$1 +0000" GIT_COMMITTER_DATE="@$1 +0000" git -C "$copy" \
    -c user.name=release -c user.email=release@example.com commit --quiet --message "at $1"
}
git -C "$copy" init --quiet
commit 1000000000
plan() {
  (cd "$copy" && GITHUB_REF_TYPE=$1 GITHUB_REF_NAME=$2 bash .github/release/plan.sh)
}
planned="version=$version
epoch=1000000000"
[[ $(plan branch main) == "$planned" ]] || fail "another plan: $(plan branch main)"
refused "no digest of $version is recorded" plan tag "v$version"
refused "no digest of $version is recorded" bash "$copy/.github/release/recorded.sh" "$WORK/assets/SHA256SUMS" "$version"
for _ in first again; do
  bash "$copy/.github/release/record.sh" "$WORK/assets/SHA256SUMS" "$version" "$PROOFMARK" "$copy" 2>/dev/null
  git -C "$copy" diff --quiet && fail "nothing was recorded"
done
commit 1100000000
[[ $(plan tag "v$version") == "$planned" ]] || fail "another plan: $(plan tag "v$version")"
bash "$copy/.github/release/recorded.sh" "$WORK/assets/SHA256SUMS" "$version"
refused "not those recorded" bash "$copy/.github/release/recorded.sh" \
  <(sed 's/^[0-9a-f]/x/; s/^x/0/; s/^0\(.*tar.gz\)$/1\1/' "$WORK/assets/SHA256SUMS") "$version"
refused "and Cargo.toml says $version" plan tag v9.9.9
[[ $(bash "$copy/.github/release/notes.sh" "$version" | tr -d '\n') == "- The first." ]] || fail "other notes"
refused "is not a version" bash "$copy/.github/release/record.sh" "$WORK/assets/SHA256SUMS" '1;id' "$PROOFMARK" "$copy"
refused "lists no archive" bash "$copy/.github/release/record.sh" "$WORK/assets/SHA256SUMS" 9.9.9 "$PROOFMARK" "$copy"
echo more >>"$copy/Cargo.toml"
commit 1200000000
refused "changes more than digests: Cargo.toml" plan tag "v$version"
echo "checksums: recorded, and refused when they differ"

# The wrappers take the archive by what was recorded, with no checksum given.
mkdir -p "$WORK/bin-only" "$WORK/job"
busybox --install -s "$WORK/bin-only" 2>/dev/null || true
# library EXPECTED MIRROR: runs `self verify` … by the library, with only busybox on the path.
library() {
  local code=0
  (cd "$WORK/job" && env -i "PATH=$WORK/bin-only" "TMPDIR=$WORK" PROOFMARK_SURFACE=jenkins \
    PROOFMARK_WRAPPER=verify-model "PROOFMARK_INPUT_MIRROR_URL=file://$2" PROOFMARK_INPUT_REPORT_FORMATS=json \
    "PROOFMARK_INPUT_MODEL=$repository/fixtures/signatures/single.bin" \
    "PROOFMARK_INPUT_SIGNATURE=$WORK/single.sig" "PROOFMARK_INPUT_KEY=$WORK/release.pub" \
    "$WORK/bin-only/sh" -ec ". '$copy/actions/_lib/proofmark.sh'; proofmark_main") >"$WORK/log" 2>&1 || code=$?
  [[ $code == "$1" ]] || { cat "$WORK/log"; fail "exit code $code from the library, expected $1"; }
}
openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$WORK/release.pem"
openssl ec -in "$WORK/release.pem" -pubout -out "$WORK/release.pub" 2>/dev/null
rm -f "$WORK/single.sig"
"$PROOFMARK" sign --model fixtures/signatures/single.bin --key "$WORK/release.pem" \
  --signature "$WORK/single.sig" --quiet >/dev/null
library 0 "$WORK/assets"
mkdir -p "$WORK/mirror"
cp "$WORK/assets/$name.tar.gz" "$WORK/mirror/"
echo >>"$WORK/mirror/$name.tar.gz"
library 6 "$WORK/mirror"
rm -rf "$WORK/mirror"
echo "library: takes the recorded archive and refuses another"

# Signed by the release key, verified as by somebody who downloaded it.
RELEASE_KEY=$(cat "$WORK/release.pem") bash "$release/sign.sh" "$WORK/assets" "$version" "$PROOFMARK" "$WORK/release.pub" >"$WORK/log"
verify() {
  bash "$release/verify.sh" "$WORK/assets" "$version" "$target" "$1"
}
verify "$WORK/release.pub" >"$WORK/log"
grep -q "is signed by the key" "$WORK/log"
openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out "$WORK/other.pub" 2>/dev/null
refused "integrity failure" verify "$WORK/other.pub"
cp "$WORK/assets/$windows.zip" "$WORK/kept.zip"
echo >>"$WORK/assets/$windows.zip"
refused "$windows.zip: FAILED" verify "$WORK/release.pub"
bash "$release/checksums.sh" "$WORK/assets" # whoever changes the one can change the other
refused "integrity failure" verify "$WORK/release.pub"
mv "$WORK/kept.zip" "$WORK/assets/$windows.zip"
echo "signature: verifies, and nothing else does"

# Images: the same twice, not root, and they run.
rm -rf "$WORK/images"
busybox=$(command -v busybox)
ids=$(bash "$release/image.sh" "$PROOFMARK" amd64 "$busybox" "$WORK/images")
[[ $(bash "$release/image.sh" "$PROOFMARK" amd64 "$busybox" "$WORK/images") == "$ids" ]] || fail "images differ"
store=(buildah --root "$WORK/storage" --runroot "$WORK/run" --storage-driver vfs)
# inside KIND COMMAND...: runs a command in an image, as the user of the image.
inside() {
  local container kind=$1 code=0
  shift
  container=$("${store[@]}" from --quiet --pull-never "oci-archive:$WORK/images/proofmark-$kind-amd64.oci.tar:$kind" | tail -n 1)
  "${store[@]}" run --isolation chroot "$container" -- "$@" || code=$?
  "${store[@]}" rm "$container" >/dev/null
  return "$code"
}
[[ $(inside scratch /usr/local/bin/proofmark --version) == "proofmark $version" ]] || fail "the image does not run"
inside scratch /usr/local/bin/proofmark sign --generate-key --key /workspace/key --public-key /workspace/key.pub 2>/dev/null
refused "" inside scratch /bin/sh -c true
[[ $(inside busybox sh -c 'id -u; mktemp -d >/dev/null && proofmark --version') == "65532
proofmark $version" ]] || fail "the image with a shell does not run"
for kind in scratch busybox; do # the other architecture differs in its label only
  cp "$WORK/images/proofmark-$kind-amd64.oci.tar" "$WORK/images/proofmark-$kind-arm64.oci.tar"
done
bash "$release/push-images.sh" "$WORK/images" "oci:$WORK/registry" "$version" >/dev/null
"$WORK/venv/bin/python" - "$WORK/registry/index.json" "$version" <<'PYTHON'
import json, sys
names = {m["annotations"]["org.opencontainers.image.ref.name"] for m in json.load(open(sys.argv[1]))["manifests"]}
assert names == {sys.argv[2], sys.argv[2] + "-busybox"}, names
PYTHON
rm -rf "$WORK/images" "$WORK/registry"
echo "images: reproducible, not root, run"

# Hooks, run by pre-commit in somebody's repository.
hooks=$WORK/hooks
project=$WORK/project
rm -rf "$hooks" "$project"
mkdir -p "$hooks" "$WORK/path"
cp .pre-commit-hooks.yaml "$hooks/"
ln -sf "$PROOFMARK" "$WORK/path/proofmark"
cp -r fixtures/credit "$project"
rm -rf "$project/proofmark-out" "$project/registry"
for folder in "$hooks" "$project"; do
  git -C "$folder" init --quiet
  git -C "$folder" add --all
  git -C "$folder" -c user.name=a -c user.email=a@example.com commit --quiet --message first
done
cat >"$project/.pre-commit-config.yaml" <<YAML
repos:
  - repo: $hooks
    rev: $(git -C "$hooks" rev-parse HEAD)
    hooks: [{id: proofmark-doctor}, {id: proofmark-data-validate}, {id: proofmark-scan}, {id: proofmark-card-lint}]
YAML
git -C "$project" add --all
# hook [ID]: runs that hook, or all.
# shellcheck disable=SC2120 # `refused` passes the id
hook() {
  (cd "$project" && PATH="$WORK/path:$PATH" PRE_COMMIT_HOME="$WORK/pre-commit" \
    "$WORK/venv/bin/pre-commit" run --all-files --color never "$@")
}
(cd "$project" && "$PROOFMARK" run --quiet >/dev/null)
# shellcheck disable=SC2119
hook >"$WORK/log" || { cat "$WORK/log"; fail "the hooks do not pass"; }
[[ $(grep -c 'Passed$' "$WORK/log") == 4 ]] || { cat "$WORK/log"; fail "not every hook ran"; }
printf "cposix\nsystem\n(S'true'\ntR." >"$project/models/evil.pkl"
git -C "$project" add --all
refused "posix.system" hook proofmark-scan
sed -i 's/  metrics:/  metrcs:/' "$project/proofmark.yaml"
refused "metrics" hook proofmark-doctor
refused "metrics" hook proofmark-data-validate
echo "hooks: pass and fail as the commands do"

# cargo-binstall looks where the release is.
cargo metadata --format-version 1 --no-deps --locked >"$WORK/metadata.json"
"$WORK/venv/bin/python" - "$WORK/metadata.json" "$WORK/assets" "$target" x86_64-pc-windows-msvc <<'PYTHON'
import json, os, re, sys
packages = json.load(open(sys.argv[1]))["packages"]
package = next(package for package in packages if package["name"] == "proofmark")
for target in sys.argv[3:]:
    spec = {**package["metadata"]["binstall"], **package["metadata"]["binstall"]["overrides"].get(target, {})}
    exe = ".exe" if "windows" in target else ""
    values = {"repo": package["repository"], "name": package["name"], "version": package["version"],
              "target": target, "bin": "proofmark", "binary-ext": exe}
    expand = lambda text: re.sub(r"\{ ([a-z-]+) }", lambda found: values[found[1]], text)
    url, inside = expand(spec["pkg-url"]), expand(spec["bin-dir"])
    base, archive = url.rsplit("/", 1)
    assert base == f"{package['repository']}/releases/download/v{package['version']}", base
    path = os.path.join(sys.argv[2], archive)
    if spec["pkg-fmt"] == "zip":
        import zipfile
        names = zipfile.ZipFile(path).namelist()
    else:
        import tarfile
        names = tarfile.open(path).getnames()
    assert inside in names, (inside, names)
PYTHON
echo "binstall: names the archives"

# The check that no path of the builder is left finds one, and none with the flags of build.sh.
mkdir -p "$WORK/paths"
echo 'fn main() { std::fs::read(std::env::args().next().unwrap()).unwrap(); panic!("here") }' >"$WORK/paths/main.rs"
rustc "$WORK/paths/main.rs" -o "$WORK/paths/plain"
rustc "$WORK/paths/main.rs" -o "$WORK/paths/mapped" -C strip=symbols "--remap-path-prefix=$WORK/paths=source"
refused "contains the path" bash "$release/paths.sh" "$WORK/paths/plain" "$WORK/paths"
bash "$release/paths.sh" "$WORK/paths/mapped" "$WORK/paths" "${CARGO_HOME:-$HOME/.cargo}"
echo "release: made, read and run"
