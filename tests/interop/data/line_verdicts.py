"""Compares the verdicts of Proofmark with recorded ones of Soda or dbt, line by line of the suite: the outcome, and
the number it rests on.

    python line_verdicts.py FOLDER RECORDED.json...

The same is asked of the library by `tests/it/suites.rs`; this asks the program, with the other table given as a
reference and the time of the recording.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

FOLDER = Path(sys.argv[1])
DATA = FOLDER.parent / "soda" / "data"
# The time the verdicts were recorded for.
NOW = "2026-11-01T12:00:00+00:00"
SCHEMA = {"column-presence", "column-type", "column-set", "column-order"}
FORMATS = {"contracts.json": "soda-contract", "language.json": "sodacl", "verdicts.json": "dbt"}
# Only evaluated where SQL can be run.
SQL = {"sql-rule", "failed-rows"}
# Counted otherwise than by one number of the same unit.
OTHER_NUMBERS = {"freshness", "row-count-match", "column-set", "column-order"}
RELATIVE = 1e-9
# Soda 3 rounds percentages to two digits.
SODA_3_ROUNDS = 0.005_000_1
# (suite, beginning of the check, table, our outcome): why it differs.
DIFFERENCES = {
    ("contract-orders.yaml", "checks.freshness", "empty", "none"): "without rows there is no age; both block",
    ("checks-orders.yaml", "freshness(", "empty", "none"): "without rows there is no age; both block",
    ("checks-orders.yaml", "schema", "", "none"): "the place of a single column is not supported",
}


def evidence(suite, data, model, format):
    command = [os.environ["PROOFMARK"], "data", "validate", "--format", "json", "--suite", str(FOLDER / suite)]
    command += ["--suite-format", format]
    command += ["--object", model] if model else []
    command += ["--reference", f"countries={DATA / 'countries.parquet'}", "--as-of", NOW]
    run = subprocess.run([*command, str(DATA / f"{data}.parquet")], capture_output=True, text=True, timeout=120)
    if run.returncode not in (0, 10):
        raise SystemExit(f"{' '.join(command)}: exit {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)["evidence"]


def verdict(records):
    """One verdict of all the evidence of a rule, in the words of the tools."""

    def any_of(severity, *outcomes):
        found = (
            record["outcome"] if isinstance(record["outcome"], str) else "none"
            for record in records
            if record["severity"] == severity
        )
        return any(outcome in outcomes for outcome in found)

    if any_of("error", "not_met"):
        return "fail"
    if any_of("error", "none") or any_of("warning", "none"):
        return "none"
    return "warn" if any_of("warning", "not_met") else "pass"


def belongs(record, theirs, contract, lines):
    """Whether a record is of the rule of a recorded verdict."""
    line = record["location"]["line"]
    if contract:
        of_schema = record["requirement"] in SCHEMA
        if theirs["check"] == "checks.schema":
            return of_schema
        return not of_schema and line == theirs["line"]
    # What stands below a check belongs to it.
    return max((known for known in lines if known <= line), default=None) == theirs["line"]


def numbers(theirs, own, rounding):
    """Whether the number of a rule with a single record is the same, and both; none when not both have one."""
    number = theirs.get("value", theirs.get("failures"))
    # dbt reports no failures of a test that passes, however many it tolerated.
    if len(own) != 1 or number is None or (theirs["outcome"] == "pass" and "failures" in theirs):
        return None
    observed = own[0].get("observed")
    if observed is None or own[0]["requirement"] in OTHER_NUMBERS:
        return None
    value = observed["value"] * (100 if observed["unit"] == "fraction" else 1)
    near = abs(value - number) <= max(RELATIVE * max(abs(number), 1), rounding)
    return (near, f"{number} there, {value} here")


def compare(name, counts):
    recorded = json.loads((FOLDER / name).read_text())
    contract = name == "contracts.json"
    lines, seen = {}, {}
    for theirs in recorded["verdicts"]:
        lines.setdefault(theirs.get("suite", "schema.yml"), set()).add(theirs["line"])
    for theirs in recorded["verdicts"]:
        suite = theirs.get("suite", "schema.yml")
        table = "countries" if theirs.get("model") == "countries" else theirs["data"]
        key = (suite, table, theirs.get("model"))
        if key not in seen:
            seen[key] = evidence(*key, FORMATS[name])
        own = [record for record in seen[key] if belongs(record, theirs, contract, lines[suite])]
        check = theirs.get("check") or theirs["test"]
        place = f"{suite}:{theirs['line']} ({check}) on {table}"
        if not own:
            yield f"{place}: nothing of ours"
            continue
        ours = verdict(own)
        if ours == "none" and any(record["requirement"] in SQL for record in own):
            counts["need SQL"] += 1
            continue
        counts["compared"] += 1
        named = any(
            suite == of and check.startswith(start) and where in (table, "") and ours == what
            for of, start, where, what in DIFFERENCES
        )
        counts["named differences"] += named and ours != theirs["outcome"]
        if ours != theirs["outcome"] and not named:
            yield f"{place}: {theirs['outcome']} there, {ours} here"
        number = numbers(theirs, own, SODA_3_ROUNDS if name == "language.json" else 0)
        if number is not None:
            counts["numbers"] += 1
            if not number[0]:
                yield f"{place}: {number[1]}"


def main():
    failed = False
    for name in sys.argv[2:]:
        counts = Counter()
        wrong = list(compare(name, counts))
        print("\n".join(wrong), end="\n" if wrong else "")
        made_with = json.loads((FOLDER / name).read_text())["made_with"]
        also = ", ".join(f"{counts[word]} {word}" for word in ("numbers", "named differences", "need SQL"))
        print(f"{FOLDER.name}: {counts['compared']} verdicts against {made_with} ({also}), {len(wrong)} differ")
        failed |= bool(wrong) or not counts["compared"]
    sys.exit(failed)


if __name__ == "__main__":
    main()
