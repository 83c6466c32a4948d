"""Compares the verdicts of Proofmark with those another tool gave on the same data under the same suite.

    python compare.py FORMAT

The verdicts of the other tool are in `fixtures/suites/FORMAT/verdicts.json`, which the `make.py` beside it
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
    command = [os.environ["PROOFMARK"], "data", "validate", "--suite", case["suite"], case["data"], "--format", "json"]
    if case.get("object"):
        command += ["--object", case["object"]]
    if case.get("environment"):
        command += ["--environment", case["environment"]]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    if result.returncode not in (0, 10, 11):
        raise SystemExit(f"{case['suite']} on {case['data']}: exit {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)


def failing(report):
    """Columns with errors that are not met, with the rows that fail each rule, and rules not evaluated."""
    columns, undecided = defaultdict(list), []
    for one in report["evidence"]:
        outcome = one["outcome"]
        if one["severity"] != "error" or outcome == "met":
            continue
        column = one["subject"].get("column")
        if outcome != "not_met":
            undecided.append(one["message"])
            continue
        rows = one.get("failing_rows")
        columns[column].append(rows["count"] if rows else None)
    return columns, undecided


def compare(folder, case):
    columns, undecided = failing(run(folder, case))
    expected = defaultdict(list)
    for one in case["failing"]:
        # A column that is too many is a matter of the dataset here.
        is_new = one["reason"] == ["SCHEMA_NEW_COLUMN"]
        expected[None if is_new else one["column"]].append(one.get("rows"))
    problems = [f"not evaluated: {message}" for message in undecided if "other data" not in message]
    if case["passed"] != (not columns):
        problems.append(f"passed there: {case['passed']}, here: {not columns}")
    if case.get("columns_compared", True):
        # A rule on the dataset as a whole and one on its only column are the same.
        there, here = set(expected) - {None}, set(columns) - {None}
        if there - here:
            problems.append(f"only there: {sorted(there - here)}")
        if here - there:
            problems.append(f"only here: {sorted(here - there)}")
        for column in there & here:
            # Where both count rows: fractions of nulls, types and sets have none.
            counts = expected[column]
            if None in counts or None in columns[column]:
                continue
            if sum(counts) != sum(columns[column]):
                problems.append(f"rows of {column}: there {counts}, here {columns[column]}")
    return problems


def main():
    name = sys.argv[1]
    folder = ROOT / "fixtures/suites" / name
    verdicts = json.loads((folder / "verdicts.json").read_text())
    differences = 0
    for case in verdicts["cases"]:
        problems = compare(folder, case)
        differences += len(problems)
        for problem in problems:
            print(f"{case['suite']} on {case['data']} {case.get('environment') or ''}: {problem}")
    cases = len(verdicts["cases"])
    print(f"{name}: {cases} cases against {verdicts['tool']}, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
