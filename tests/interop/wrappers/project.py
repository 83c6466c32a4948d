"""Makes the project the wrappers are run on: the credit fixture with one configuration for each outcome.

    python3 project.py DIRECTORY

Writes DIRECTORY/{pass,warn,fail,missing,malformed,hostile}.yaml beside the fixture's data and models, and
DIRECTORY/expected.json: for each of them the exit code of each command, the lines that must be named,
and the text that must not be taken for a command. All expectations follow from what is edited here.
"""

import json
import pathlib
import shutil
import sys

FIXTURE = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "credit"

# Exit codes of the command line (`proofmark --help`).
PASSED, NOT_PASSED, WARNINGS, INVALID, MISSING = 0, 10, 11, 2, 3

# What is edited in proofmark.yaml and in the contract. Of the fixture itself one bound is a warning.
EDITS = {
    "pass": ([("at_most: 0.20, severity: warning", "at_most: 0.25, severity: warning")], []),
    "warn": ([], [("mustBeGreaterOrEqualTo: 100", "mustBeGreaterOrEqualTo: 100000\n        severity: warning")]),
    "fail": (
        [("predictions/candidate.parquet", "predictions/champion.parquet"), ("at_least: 0.75", "at_least: 0.99")],
        [("mustBeGreaterOrEqualTo: 100", "mustBeGreaterOrEqualTo: 100000")],
    ),
    "missing": (
        [("predictions/candidate.parquet", "predictions/absent.parquet"), ("data/current.parquet", "data/absent.csv")],
        [],
    ),
    "malformed": ([("\ngate:", "\ngaet:")], []),
}
CODES = {"pass": PASSED, "warn": WARNINGS, "fail": NOT_PASSED, "missing": MISSING, "malformed": INVALID}

# Each line would be a command of GitHub's runner, a colour of a terminal or a line of a dotenv file.
FORGED = [
    "::error file=forged.py,line=1::forged",
    "::set-output name=verdict::pass",
    "::add-mask::pass",
    "::set-env name=PATH::/forged",
    "::add-path::/forged",
    "##[error]forged",
    "PROOFMARK_VERDICT=forged",
    "\x1b[2J forged",
]


def edit(text, replacements):
    for old, new in replacements:
        assert old in text, f"{old!r} is not in the fixture any more"
        text = text.replace(old, new)
    return text


def line_of(text, words):
    """The number, from 1, of the one line that holds these words."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if words in line]
    assert len(found) == 1, f"{words!r} is on lines {found}"
    return found[0]


def write_outcome(directory, name):
    configuration = (FIXTURE / "proofmark.yaml").read_text()
    contract = (FIXTURE / "contract.odcs.yaml").read_text()
    in_configuration, in_contract = EDITS[name]
    configuration = edit(
        configuration,
        [*in_configuration, ("proofmark-out", f"out/{name}"), ("contract.odcs.yaml", f"{name}.odcs.yaml")],
    )
    contract = edit(contract, in_contract)
    (directory / f"{name}.yaml").write_text(configuration)
    (directory / f"{name}.odcs.yaml").write_text(contract)
    lines = {}
    if name in ("warn", "fail"):
        lines["data-validate"] = [f"{name}.odcs.yaml", line_of(contract, "metric: rowCount")]
        words = "severity: warning" if name == "warn" else "at_least: 0.99"
        lines["model-gate"] = [f"{name}.yaml", line_of(configuration, words)]
    return {"code": CODES[name], "lines": lines}


def write_hostile(directory):
    """Data whose cells, columns and file name are commands: every cell fails a rule that shows it."""
    columns = ["id", *FORGED[:2], "two\n::error::forged"]
    quoted = [f'"{cell}"' for cell in FORGED] + ['"two\n::error::forged"', '"two\r::error::forged"']
    rows = [",".join([str(number), *[cell] * (len(columns) - 1)]) for number, cell in enumerate(quoted)]
    header = ",".join(f'"{column}"' for column in columns)
    data = directory / "::error file=forged.py::forged.csv"
    data.write_text("\n".join([header, *rows]) + "\n", newline="")
    properties = [
        {
            "name": column,
            "logicalType": "string",
            "quality": [{"metric": "invalidValues", "arguments": {"validValues": ["fine"]}, "mustBe": 0}],
        }
        for column in columns[1:]
    ]
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "hostile",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "table", "properties": properties}],
    }
    # JSON is YAML, and keeps every character.
    (directory / "hostile.odcs.yaml").write_text(json.dumps(contract, indent=1))
    configuration = {
        "version": 1,
        "model": {"name": "credit-risk", "path": "models/candidate"},
        "data": {"contract": "hostile.odcs.yaml", "datasets": [{"name": "::warning::forged", "path": data.name}]},
        "report": {"directory": "out/hostile"},
    }
    (directory / "hostile.yaml").write_text(json.dumps(configuration, indent=1))
    return {"code": NOT_PASSED, "lines": {}}


def main(directory):
    directory.mkdir(parents=True)
    for part in ("data", "models", "predictions"):
        shutil.copytree(FIXTURE / part, directory / part)
    expected = {name: write_outcome(directory, name) for name in EDITS}
    expected["hostile"] = write_hostile(directory)
    (directory / "expected.json").write_text(json.dumps(expected, indent=1))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
