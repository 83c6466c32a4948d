#!/usr/bin/env bash
# Renders every shared report, and one poisoned with each payload of the injection corpus, with the
# real binary and lets foreign readers judge the result:
# lxml with the xUnit schema, GitHub's Markdown parser and micromark, Prometheus' OpenMetrics parser,
# GitHub's toolkit, Microsoft's SARIF multitool, Chromium with axe-core.
#
#   PROOFMARK   the binary (default: proofmark on the PATH)
#   WORK        scratch directory (default: a new one, removed at the end)
#   RENDERED    a directory of already rendered reports; then no binary is run
#   CHROMIUM    the browser (default: chromium, installed with apt-get when missing and root)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fixtures=$(cd "$here/../../../fixtures" && pwd)
proofmark=${PROOFMARK:-proofmark}
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
reports=$WORK/reports
mkdir -p "$reports" "$WORK/shots"

if [[ -n ${RENDERED:-} ]]; then
  cp "$RENDERED"/*.{md,html,xml,sarif,codequality.json,metrics.txt,github.txt,env} "$reports/"
else
  python3 "$here/poison.py" "$fixtures/injection/payloads.json" "$WORK/poisoned" \
    "$fixtures/evidence/sample.json" "$fixtures/evidence/earlier.json"
  python3 "$here/crowd.py" "$WORK/crowd.json"
  for evidence in "$fixtures"/evidence/*.json "$WORK/crowd.json" "$WORK"/poisoned/sample/*.json; do
    name=$(basename "$evidence" .json)
    stem=$reports/$name
    baseline=$WORK/poisoned/earlier/$name.json
    [[ -f $baseline ]] || baseline=$fixtures/evidence/earlier.json
    # The verdict of the report is the exit code; 0, 3, 6 and 10 are verdicts. A minute is plenty, also
    # for 25,000 findings and a build without optimisation.
    code=0
    timeout 60 "$proofmark" report "$evidence" --baseline "$baseline" \
      --output "markdown=$stem.md" --output "html=$stem.html" \
      --output "junit=$stem.xml" --output "sarif=$stem.sarif" \
      --output "codequality=$stem.codequality.json" --output "openmetrics=$stem.metrics.txt" \
      --output "github=$stem.github.txt" --output "dotenv=$stem.env" >"$stem.txt" || code=$?
    case $code in
      0 | 3 | 6 | 10) ;;
      *) echo "report of $evidence ended with $code" >&2; exit 1 ;;
    esac
  done
fi

if [[ ! -x $WORK/venv/bin/python ]]; then
  python3 -m venv "$WORK/venv"
  "$WORK/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
fi
cp "$here/package.json" "$here/package-lock.json" "$here"/*.mjs "$WORK/"
if [[ ! -d $WORK/node_modules ]]; then
  # Install scripts stay off: the multitool's only sets the executable bit, which is done below.
  (cd "$WORK" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
fi
multitool=$(find "$WORK/node_modules/@microsoft" -name Sarif.Multitool -type f | head -n 1)
chmod u+x "$multitool"
# A log GitHub does not take in shows that the multitool says so. It takes minutes for 25,000 results;
# their size is checked below.
python3 - "$reports/sample.sarif" "$WORK/broken.sarif" <<'PYTHON'
import json, sys
log = json.load(open(sys.argv[1]))
for rule in log["runs"][0]["tool"]["driver"]["rules"]:
    del rule["fullDescription"]
json.dump(log, open(sys.argv[2], "w"))
PYTHON
mapfile -t logs < <(find "$reports" -name '*.sarif' ! -name 'crowd.sarif' | sort)
"$multitool" validate "$WORK/broken.sarif" "${logs[@]}" --rule-kind "Sarif;Gh" \
  --output "$reports/multitool.validation.json" --log ForceOverwrite >"$WORK/multitool.log"

"$WORK/venv/bin/python" "$here/check.py" "$fixtures/schemas" "$reports"
(cd "$WORK" && node structure.mjs "$reports" && node commands.mjs "$reports"/*.github.txt)

chromium=${CHROMIUM:-$(command -v chromium || true)}
if [[ -z $chromium && $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
  chromium=$(command -v chromium)
fi
if [[ -z $chromium ]]; then
  echo "chromium is missing; set CHROMIUM or install it" >&2
  exit 1
fi
rm -rf "$WORK/profile"
(cd "$WORK" && node page.mjs "$chromium" "$WORK/profile" "$WORK/shots" "$reports"/*.html)
