"""Validates the tables of `reference.py` against `contract.odcs.yaml` here and on a Spark Connect server, and compares the
evidence record by record: outcome, observed value, number of failing rows, message, shown values.

    python evidence.py PROOFMARK DATA REMOTE NAME
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
# Sums come in another order from a cluster.
RELATIVE = 1e-9
# As of when the tables are as fresh as they are.
AS_OF = "2026-01-20T00:00:00Z"
UNSUPPORTED = {"not_evaluated": "unsupported"}
# Server: (requirement, column, what differs): why.
SHOWN = {("failed-rows", None, "rows shown"): "here the columns of the condition are shown, there what the query selects"}
DIFFERENCES = {
    "Sail": SHOWN | {("value-order", "day", "outcome"): "it does not tell the numbers of rows, so that they have no order"},
    "Spark": SHOWN,
}
# What one side may not be able to evaluate; where both can, they must agree.
ABILITIES = {"sql-rule"}


def configuration(folder, data, remote):
    folder.mkdir()
    shutil.copy(HERE / "contract.odcs.yaml", folder)
    datasets = []
    for name, form in (("trips", "parquet"), ("zones", "parquet"), ("written", "json")):
        path = data / (f"{name}.jsonl" if form == "json" else f"{name}.{form}")
        dataset = {"name": name, "object": name, "path": str(path), "as_of": AS_OF}
        if remote:
            dataset |= {"path": f"{form}.`{path}`", "engine": {"spark": {"remote": remote}}}
        datasets.append(dataset)
    document = {
        "version": 1,
        "model": {"name": "trips", "path": "model"},
        "data": {"contract": "contract.odcs.yaml", "datasets": datasets},
    }
    # JSON is YAML.
    (folder / "proofmark.yaml").write_text(json.dumps(document))


def evidence(program, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROOFMARK_")}
    command = [program, "data", "validate", "--format", "json"]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    if ran.returncode != 10:
        sys.exit(f"{folder.name}: exit {ran.returncode}, not 10\n{ran.stderr}{ran.stdout}")
    found = {}
    for record in json.loads(ran.stdout)["evidence"]:
        place = record.get("location") or {}
        key = (place.get("line"), place.get("column"), record["requirement"], json.dumps(record["subject"]))
        found.setdefault(key, []).append(record)
    return found


def near(here, there):
    if here is None or there is None:
        return here is there
    return here == there or math.isclose(here, there, rel_tol=RELATIVE, abs_tol=RELATIVE)


def differences(here, there):
    """What two records of the same rule do not agree on: a word for it, and both sides."""
    outcomes = here["outcome"], there["outcome"]
    if outcomes[0] != outcomes[1]:
        if here["requirement"] not in ABILITIES or UNSUPPORTED not in outcomes:
            yield "outcome", *(f"{record['outcome']} ({record['message']})" for record in (here, there))
        return
    values = [record.get("observed") or {} for record in (here, there)]
    rows = [record.get("failing_rows") or {} for record in (here, there)]
    if not near(*(value.get("value") for value in values)):
        yield "observed", *values
    for name, pair in (("unit", values), ("sample_count", values), ("count", rows), ("eligible", rows)):
        if pair[0].get(name) != pair[1].get(name):
            yield name, *(side.get(name) for side in pair)
    # Which rows are shown is up to the server; how many is not, and where all are, neither which. A rule on
    # several columns shows their values here; from a server no values come but those of one column.
    shown = [sorted(json.dumps(one.get("value")) for one in side.get("examples", [])) for side in rows]
    of_one_column = any(value != "null" for value in shown[1]) or all(value == "null" for value in shown[0])
    all_shown = len(shown[0]) == rows[0].get("count") and of_one_column
    if len(shown[0]) != len(shown[1]) or (all_shown and shown[0] != shown[1]):
        yield "rows shown", *shown
    # Every engine has its own names of types, which are in the message.
    if here["requirement"] != "column-type" and here["message"] != there["message"]:
        yield "message", here["message"], there["message"]


def main():
    program, data, remote, server = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve(), sys.argv[3], sys.argv[4]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        configuration(folder / "here", data, None)
        configuration(folder / "there", data, remote)
        here, there = evidence(program, folder / "here"), evidence(program, folder / "there")
    compared, wrong, used = 0, [], set()
    for key in dict.fromkeys([*here, *there]):
        line, _, requirement, subject = key
        (about,) = json.loads(subject).values()
        place = f"contract.odcs.yaml:{line} {requirement} {subject}"
        pair = here.get(key, []), there.get(key, [])
        if len(pair[0]) != len(pair[1]):
            wrong.append(f"{place}: {len(pair[0])} records here, {len(pair[1])} there")
        for records in zip(*pair):
            compared += 1
            for what, one, other in differences(*records):
                named = (requirement, about.get("column"), what)
                if named in DIFFERENCES[server]:
                    used.add(named)
                else:
                    wrong.append(f"{place}: {what}: {one} here, {other} there")
    wrong += [f"{named} differs no more: strike it off" for named in DIFFERENCES[server] if named not in used]
    print("\n".join(wrong), end="\n" if wrong else "")
    print(f"{server}: {compared} records compared, {len(used)} differences named, {len(wrong)} differ")
    sys.exit(bool(wrong) or not compared)


if __name__ == "__main__":
    main()
