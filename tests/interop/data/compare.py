"""Compares the verdicts of Proofmark with those another tool gave on the same data under the same suite.

    python compare.py FOLDER

The verdicts of the other tool are in `fixtures/suites/FOLDER/verdicts.json`, which the `make.py` beside it
wrote. For each case: the whole verdict must be the same, the columns with rules that are not met must be
the same, and where the other tool counts rows, their sum over the rules of a column.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(folder, case):
    command = [os.environ["PROOFMARK"], "data", "validate", "--suite", case["suite"], "--format", "json"]
    if case.get("object"):
        command += ["--object", case["object"]]
    if case.get("environment"):
        command += ["--environment", case["environment"]]
    for name, file in case.get("references", {}).items():
        command += ["--reference", f"{name}={file}"]
    results = []
    # The statistics of a Parquet file must say what its values say.
    for also in ([], ["--no-metadata-shortcuts"]):
        result = subprocess.run([*command, *also, case["data"]], cwd=folder, capture_output=True, text=True, timeout=120)
        if result.returncode not in (0, 10):
            raise SystemExit(f"{' '.join(command)} {case['data']}: exit {result.returncode}\n{result.stderr}")
        evidence = json.loads(result.stdout)["evidence"]
        for record in evidence:
            # Which columns the statistics answered is all that may differ.
            record.pop("answered_by_statistics", None)
        results.append((result.returncode, evidence))
    shortcut, in_full = results
    return *in_full, shortcut == in_full


def column_of(record):
    """The column a record is about; none when it is about the dataset."""
    (subject,) = record["subject"].values()
    return subject.get("column")


def failing(evidence):
    """Columns with errors that are not met, with the rows that fail each rule; and what was not evaluated."""
    columns, undecided = defaultdict(list), []
    absent = {
        column_of(record)
        for record in evidence
        if record["requirement"] == "column-presence" and record["outcome"] == "not_met"
    }
    for record in evidence:
        outcome, column = record["outcome"], column_of(record)
        if record["severity"] != "error" or outcome == "met":
            continue
        if outcome == "not_met":
            rows = record.get("failing_rows")
            columns[column].append(rows["count"] if rows else None)
        elif column not in absent:
            undecided.append(record["message"])
    return columns, undecided


def compare(folder, case):
    """How many things were compared, and what differs."""
    code, evidence, is_same = run(folder, case)
    columns, undecided = failing(evidence)
    expected = defaultdict(list)
    for one in case["failing"]:
        # A column that is too many is a matter of the dataset here.
        is_new = one["reason"] == ["SCHEMA_NEW_COLUMN"]
        expected[None if is_new else one["column"]].append(one.get("rows"))
    compared = 1
    problems = [f"not evaluated: {message}" for message in undecided]
    if not is_same:
        problems.append("the statistics of the file say otherwise than its values")
    if case["passed"] != (not columns):
        problems.append(f"passed there: {case['passed']}, here: {not columns}")
    if case["passed"] != (code == 0):
        problems.append(f"passed there: {case['passed']}, exit code here: {code}")
    if not case.get("columns_compared", True):
        return compared, problems
    # A rule on the dataset as a whole and one on its only column are the same.
    there, here = set(expected) - {None}, set(columns) - {None}
    compared += len({column for record in evidence if (column := column_of(record)) is not None})
    if there - here:
        problems.append(f"only there: {sorted(there - here)}")
    if here - there:
        problems.append(f"only here: {sorted(here - there)}")
    for column in there & here:
        # Where both count rows: fractions of nulls, types and sets have none.
        counts = expected[column]
        if None in counts or None in columns[column]:
            continue
        compared += 1
        if sum(counts) != sum(columns[column]):
            problems.append(f"rows of {column}: there {counts}, here {columns[column]}")
    return compared, problems


def main():
    name = sys.argv[1]
    folder = ROOT / "fixtures/suites" / name
    verdicts = json.loads((folder / "verdicts.json").read_text())
    compared, differences = 0, 0
    for case in verdicts["cases"]:
        count, problems = compare(folder, case)
        compared += count
        differences += len(problems)
        for problem in problems:
            print(f"{case['suite']} on {case['data']} {case.get('environment') or ''}: {problem}")
    cases = len(verdicts["cases"])
    print(f"{name}: {compared} expectations in {cases} cases against {verdicts['tool']}, {differences} differ")
    sys.exit(1 if differences or not compared else 0)


if __name__ == "__main__":
    main()
