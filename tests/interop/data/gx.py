"""Runs the binary with each suite on each table and compares every expectation with the recorded verdict.

    python3 gx.py PROOFMARK FIXTURE
"""

import json
import pathlib
import re
import subprocess
import sys


def lines_of_expectations(text):
    """The line of each expectation of a suite as Great Expectations writes it: `    {`."""
    inside, lines = False, []
    for number, line in enumerate(text.splitlines(), start=1):
        if line == '  "expectations": [':
            inside = True
        elif line == "  ],":
            inside = False
        elif inside and re.fullmatch(r" {4}\{", line):
            lines.append(number)
    return lines


def outcomes(binary, suite, table):
    """The worst outcome at each line of the suite."""
    ran = subprocess.run(
        [binary, "data", "validate", "--suite", str(suite), str(table), "--format", "json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode in (0, 10, 11), (ran.returncode, ran.stderr)
    worst = {}
    for evidence in json.loads(ran.stdout)["evidence"]:
        location = evidence.get("location") or {}
        outcome = evidence["outcome"]
        word = "not evaluated" if isinstance(outcome, dict) else outcome.replace("_", " ")
        rank = ["met", "not evaluated", "not met"].index(word)
        line = location.get("line")
        worst[line] = max(worst.get(line, (0, "met")), (rank, word))
    return {line: word for line, (_, word) in worst.items()}


def main(binary, folder):
    folder = pathlib.Path(folder)
    named = {
        tuple(case): difference["ours"]
        for difference in json.loads((folder / "differences.json").read_text())
        for case in difference["cases"]
    }
    compared, wrong = 0, []
    for name in ("version_1", "version_0_18"):
        suite = folder / f"{name}.json"
        lines = lines_of_expectations(suite.read_text())
        recorded = json.loads((folder / f"{name}.verdicts.json").read_text())["verdicts"]
        for table, verdicts in recorded.items():
            found = outcomes(binary, suite, folder / "data" / table)
            assert len(lines) == len(verdicts), (len(lines), len(verdicts))
            for index, (line, verdict) in enumerate(zip(lines, verdicts)):
                compared += 1
                ours = found.get(line, "absent")
                expected = named.get((name, index, table))
                if expected is None:
                    agrees = (ours == "met") == verdict["success"] and ours != "absent"
                else:
                    agrees = ours == expected and (ours == "met") != verdict["success"]
                if not agrees:
                    wrong.append(f"{suite}:{line} on {table}: {ours}, recorded {verdict}")
    print("\n".join(wrong))
    print(f"great expectations: {compared} verdicts, {len(named)} differences named, {len(wrong)} wrong")
    sys.exit(bool(wrong))


main(*sys.argv[1:])
