#!/usr/bin/env bash
# Runs every step of the Jenkins library, in declarative and in scripted pipelines, on the Groovy of
# Jenkins (2.4, Debian's), with a program that records its arguments and with the real one. The steps
# of Pipeline and its plugins do what their documentation says (Job.groovy); `sh` really runs. Twice:
# directly; and by groovy-cps, the engine of Pipeline, written down and read back at every step, which
# proves that a build survives a restart of the controller anywhere. No controller and no real plugin.
#
#   PROOFMARK     the binary
#   WORK          scratch directory (default: a new one, removed at the end)
#   INTEROP_CPS   0 leaves groovy-cps out (and Maven, which fetches it)
#   needs         Python; Debian's groovy and maven, installed with apt-get when missing and root
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK"

# need COMMAND: installs Debian's package of that name when the command is missing.
need() {
  if ! command -v "$1" >/dev/null; then
    as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$1" >/dev/null
  fi
}
need groovy
classes=$here
engines=(Direct)
if [[ ${INTEROP_CPS:-1} == 1 ]]; then
  if [[ ! -f $WORK/jars/groovy-cps-1.31.jar ]]; then
    if ! command -v mvn >/dev/null; then
      need maven
    fi
    mvn --quiet --batch-mode --file "$here/cps/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$WORK/jars"
  fi
  (cd "$WORK/jars" && sha256sum --quiet --check "$here/cps/SHA256SUMS")
  classes=$here:$here/cps:$WORK/jars/groovy-cps-1.31.jar:$WORK/jars/guava-11.0.1.jar
  engines+=(Resumed)
fi
# Debian's groovy looks for Java where it may not be.
JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
export JAVA_HOME

rm -rf "$WORK/credit"
PYTHONDONTWRITEBYTECODE=1 python3 "$here/../wrappers/project.py" "$WORK/credit"
groovy -cp "$classes" "$here/interop.groovy" "$repository" "$WORK" "$PROOFMARK" "$WORK/credit" "${engines[@]}"
