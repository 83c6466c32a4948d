"""Holds the program's verdicts against recorded ones of Soda or dbt, line by line of the suite.

    line_verdicts.py FOLDER RECORDED.json …

On the command line the program knows one table and the time it is run at: rules on other tables are not
evaluated and the freshness of the fixtures is of another day, so both are left to `tests/it/suites.rs`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])
DATA = FOLDER.parent / "soda" / "data"
# Needs another table, the time of the recording, or SQL.
ELSEWHERE = {"referential-integrity", "row-count-match", "freshness", "sql-rule", "failed-rows"}
SCHEMA = {"column-presence", "column-type", "column-set", "column-order"}


def evidence(suite, data, model):
    command = [os.environ["PROOFMARK"], "data", "validate", "--format", "json", "--contract", str(FOLDER / suite)]
    command += ["--object", model] if model else []
    run = subprocess.run([*command, str(DATA / f"{data}.parquet")], capture_output=True, text=True)
    # 3: the other table of a look-up is not given here.
    assert run.returncode in (0, 3, 10), (command, run.returncode, run.stderr)
    return json.loads(run.stdout)["evidence"]


def verdict(records):
    def any_of(severity, outcome):
        return any(
            record["severity"] == severity and outcome(record["outcome"]) for record in records
        )

    not_met = lambda outcome: outcome == "not_met"
    open_ = lambda outcome: outcome not in ("met", "not_met")
    if any_of("error", not_met):
        return "fail"
    if any_of("error", open_) or any_of("warning", open_):
        return "none"
    return "warn" if any_of("warning", not_met) else "pass"


def main():
    compared, wrong = 0, []
    for name in sys.argv[2:]:
        verdicts = json.loads((FOLDER / name).read_text())["verdicts"]
        lines = {}
        for theirs in verdicts:
            lines.setdefault(theirs.get("suite", "schema.yml"), set()).add(theirs["line"])
        seen = {}
        for theirs in verdicts:
            suite = theirs.get("suite", "schema.yml")
            data = "countries" if theirs.get("model") == "countries" else theirs["data"]
            key = (suite, data, theirs.get("model"))
            if key not in seen:
                seen[key] = evidence(*key)
            own = []
            for record in seen[key]:
                line = record["location"]["line"]
                contract = name == "contracts.json"
                if contract and (record["requirement"] in SCHEMA) != (theirs["check"] == "checks.schema"):
                    continue
                if contract and record["requirement"] in SCHEMA:
                    own.append(record)
                elif max((known for known in lines[suite] if known <= line), default=None) == theirs["line"]:
                    own.append(record)
            if any(record["requirement"] in ELSEWHERE for record in own):
                continue
            compared += 1
            ours = verdict(own) if own else "nothing"
            # The place of a single column is not supported.
            unsupported = any(record["requirement"] == "unsupported-rule" for record in own)
            if ours != theirs["outcome"] and not unsupported:
                wrong.append(f"{suite}:{theirs['line']} on {data}: {theirs['outcome']} there, {ours} here")
    print(f"{compared} verdicts compared, {len(wrong)} differ")
    sys.exit("\n".join(wrong) if wrong else None)


main()
